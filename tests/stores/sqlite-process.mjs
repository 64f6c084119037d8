// SQLite has no server: whoever opens the file is the engine. So that it can be killed, this is a process of its own that
// opens a file and answers get and swap, one message each. Started with a driver, a file, and how long to wait for locks.
import { sqliteStore } from 'portcullis/stores/sqlite'
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** So small that a record has pages of its own: most that grow then need room. */
const PAGE_BYTES = 512

/** Opens a file with a driver. Read-only is said in the words of each. */
export async function opened(driver, file, readOnly = false) {
  if (driver === 'node:sqlite') return new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file, { readOnly })
  const { default: Database } = await import('better-sqlite3')
  return new Database(file, { readonly: readOnly })
}

/** The process, as its parent has it. */
export class SqliteProcess {
  #arguments
  #child
  #calls = new Map()
  #last = 0

  static async start(driver, file, busyTimeoutMs = 5000) {
    const one = new SqliteProcess()
    one.#arguments = [driver, file, `${busyTimeoutMs}`]
    await one.start()
    return one
  }

  async start() {
    const child = fork(fileURLToPath(import.meta.url), this.#arguments, { serialization: 'advanced' })
    this.#child = child
    const ready = this.#answer(0)
    child.on('message', ({ id, answer, error }) => {
      const { resolve, reject } = this.#calls.get(id)
      this.#calls.delete(id)
      if (error === undefined) resolve(answer)
      else reject(Object.assign(new Error(error.message), error))
    })
    this.ended = new Promise((resolve) => child.on('close', resolve)).then(() => {
      for (const { reject } of this.#calls.values()) reject(new Error('the process ended'))
      this.#calls.clear()
    })
    await ready
  }

  /** Ends it as a power cut would, but for what the machine has not written yet. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  /** What is called there: get, swap, and what disturbs. */
  call(verb, ...given) {
    const id = (this.#last += 1)
    const answer = this.#answer(id)
    // Where the process is gone, its end rejects, or has done so already.
    if (!this.#child.connected) this.#calls.get(id).reject(new Error('the process is gone'))
    else this.#child.send({ id, verb, given }, (error) => error && this.#calls.get(id)?.reject(error))
    return answer
  }

  get store() {
    return {
      capabilities: { swap: true },
      get: (key) => this.call('get', key),
      swap: (key, revision, write) => this.call('swap', key, revision, write),
    }
  }

  #answer(id) {
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }))
  }
}

/** In the process: what its parent may call. */
async function verbs(driver, file, busyTimeoutMs) {
  const database = await opened(driver, file)
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
  return {
    ...sqliteStore(database, { busyTimeoutMs }),
    readOnly: (is) => database.exec(`PRAGMA query_only = ${is}`),
    /** The engine's own limit stands for the disk's: from now on it takes no page more than it has, and none of these is free. */
    full() {
      database.exec('CREATE TABLE ballast (bytes)')
      database.exec('PRAGMA max_page_count = 1')
      const load = database.prepare(`INSERT INTO ballast VALUES (zeroblob(${PAGE_BYTES / 2}))`)
      try {
        for (;;) load.run()
      } catch (error) {
        if (!/full/.test(error.message)) throw error
      }
    },
    roomy: () => database.exec('PRAGMA max_page_count = 4294967294; DROP TABLE ballast'),
  }
}

async function serve(driver, file, busyTimeoutMs) {
  const all = await verbs(driver, file, Number(busyTimeoutMs))
  process.on('disconnect', () => process.exit())
  process.on('message', ({ id, verb, given }) => {
    let answer
    try {
      answer = { answer: all[verb](...given) }
    } catch ({ message, code }) {
      answer = { error: { message, code } }
    }
    process.send({ id, ...answer })
  })
  process.send({ id: 0 })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(...process.argv.slice(2))
