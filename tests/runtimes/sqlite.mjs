// Cases for the file of the SQLite store on Node.js. If several processes share a file, this
// program is started again for each of them.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { storeConformance } from 'portcullis/testing/stores'
import { equal, ok } from '../suite/assert.mjs'
import { sweepsByChance } from '../suite/cases/expired-records.mjs'

const KEY = 'pc1_AAAAAAAAAAAAAAAAAAAAAA'
const SWAPS = 400
const write = (value) => ({ value, expiresAtMs: Date.now() + 86_400_000 })
const database = (file) => new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file)

/** The tasks of the other processes, by name. */
const ROLES = {
  /** Counts with get and swap, and prints every revision that it replaced. */
  count(file) {
    const store = sqliteStore(database(file))
    onMessage(() => {
      const won = []
      while (won.length < SWAPS) {
        const { value, revision } = store.get(KEY)
        if (store.swap(KEY, revision, write(bytesOf(countOf(value) + 1)))) won.push(revision)
      }
      console.log(JSON.stringify(won))
    })
  },
  /** Opens a file that may not exist yet, and writes to it. */
  open(file) {
    onMessage(() =>
      console.log(sqliteStore(database(file)).swap(`pc1_${process.pid}`, null, write(bytesOf(1))))
    )
  },
  /** Holds the write lock until 300 ms after the start signal. */
  lock(file) {
    const held = database(file)
    held.exec('BEGIN IMMEDIATE')
    onMessage(() => setTimeout(() => held.exec('COMMIT'), 300))
  },
}
const bytesOf = (count) => new Uint8Array(Uint32Array.of(count).buffer)
const countOf = (value) => new Uint32Array(value.slice().buffer)[0]

export const cases = [
  {
    name: 'a write to the SQLite store deletes expired values, and no others',
    async run() {
      const kept = database(':memory:')
      await sweepsByChance(
        () => sqliteStore(kept),
        () => Number(kept.prepare('SELECT count(*) AS n FROM portcullis').get().n),
      )
    },
  },
  {
    name: 'the SQLite store uses a write-ahead log, syncs fully, and waits for locks',
    run: () =>
      inFolder(async (file) => {
        const opened = database(file)
        sqliteStore(opened)
        const pragma = (name) => Object.values(opened.prepare(`PRAGMA ${name}`).get())[0]
        equal([pragma('journal_mode'), pragma('synchronous'), pragma('busy_timeout')], [
          'wal',
          2,
          5000,
        ], 'the settings')
      }),
  },
  ...storeConformance({ ...twoConnections(), contentionRounds: 20 }).map(({ name, run }) => ({
    name: `${name} (node:sqlite, two connections to one file)`,
    run,
  })),
  {
    name: 'if several processes swap on one SQLite file, exactly one replaces each revision',
    run: () =>
      inFolder(async (file) => {
        const store = sqliteStore(database(file))
        equal(store.swap(KEY, null, write(bytesOf(0))), true, 'the first value')
        const others = await Promise.all([1, 2, 3].map(() => start('count', file)))
        const won = (await Promise.all(others.map(({ go }) => go()))).flatMap((text) =>
          JSON.parse(text)
        )
        equal(
          [won.length, new Set(won).size],
          [3 * SWAPS, 3 * SWAPS],
          'successful swaps, and the revisions that they replaced',
        )
        equal(countOf(store.get(KEY).value), 3 * SWAPS, 'the count')
      }),
  },
  {
    name: 'several processes open one new SQLite file at once',
    run: () =>
      inFolder(async (file) => {
        for (let n = 0; n < 5; n += 1) {
          const others = await Promise.all(
            Array.from({ length: 4 }, () => start('open', `${file}${n}`)),
          )
          equal(await Promise.all(others.map(({ go }) => go())), Array(4).fill('true\n'), 'swaps')
        }
      }),
  },
  {
    name: 'a swap waits for the lock that another process holds on the SQLite file',
    run: () =>
      inFolder(async (file) => {
        const store = sqliteStore(database(file))
        const other = await start('lock', file)
        const over = other.go()
        const startedAt = performance.now()
        equal(store.swap(KEY, null, write(bytesOf(1))), true, 'the swap')
        const ms = performance.now() - startedAt
        ok(ms > 100 && ms < 5000, `a swap that waited, not ${Math.round(ms)} ms`)
        await over
        equal(store.get(KEY).value.length, 4, 'the value')
      }),
  },
]

/** Every store is a file in its own folder, with two connections. */
function twoConnections() {
  const opened = new Map()
  const connect = (file, connections) => {
    connections.push(database(file))
    return sqliteStore(connections.at(-1))
  }
  return {
    openStore() {
      const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
      const connections = []
      const store = connect(join(folder, 'sessions.db'), connections)
      opened.set(store, { folder, connections })
      return store
    },
    openSecondConnection(store) {
      const { folder, connections } = opened.get(store)
      return connect(join(folder, 'sessions.db'), connections)
    },
    closeStore(store) {
      const { folder, connections } = opened.get(store)
      for (const connection of connections) connection.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Calls `run` with the name of a file in a new folder, which is removed afterwards. */
export async function inFolder(run) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  try {
    await run(join(folder, 'sessions.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Starts another process with a task, and waits until the process is ready. `go` starts the task
 * and gives its output.
 */
function start(role, file) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), role, file], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  let complained = ''
  child.stderr.on('data', (text) => (complained += text))
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on(
      'close',
      (code) => (code === 0
        ? resolve(said.replace('ready\n', ''))
        : reject(new Error(`${role} ended with ${code}: ${complained}`))),
    )
  })
  const go = () => {
    child.stdin.end('go\n')
    return ended
  }
  return new Promise((resolve, reject) => {
    ended.catch(reject)
    child.stdout.on('data', (text) => {
      said += text
      if (said.startsWith('ready\n')) resolve({ go })
    })
  })
}

/** Runs a task in the other process when the start signal arrives. */
function onMessage(act) {
  console.log('ready')
  process.stdin.once('data', () => {
    process.stdin.destroy()
    act()
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ROLES[process.argv[2]](process.argv[3])
