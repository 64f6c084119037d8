/** Opens the package on an SQLite file, with keys that survive a restart. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from './problem.mjs'

/** Gives `sessions` and `close()`, which leaves no key in memory and no lock on the file. */
export async function openSessions(options) {
  const { DatabaseSync } = await load(
    'node:sqlite',
    'This Node has no node:sqlite: take Node 22.13 or newer, or let `cargo xtask demo` choose one.',
  )
  const built =
    'The package is not built yet: run `cargo xtask build`, or the demo by `cargo xtask demo`.'
  const portcullis = await load('../../pkg/dist/entry/index.js', built)
  const { sqliteStore } = await load('../../pkg/dist/stores/sqlite.js', built)

  const keys = readOrMakeKeys(options.keys, portcullis.generateSecret)
  const { database, store } = openStore(options.db, DatabaseSync, sqliteStore)
  const sessions = withStartupError(
    `The keys of ${options.keys} or the options are invalid`,
    () =>
      portcullis.createSessions({
        // The issuer has no port, so that sessions of a demo with --port 0 survive a restart.
        issuer: 'http://localhost',
        keys,
        store,
        policy: toPolicy(options),
      }),
  )
  return {
    sessions,
    close() {
      sessions.dispose()
      database.close()
    },
  }
}

function openStore(file, DatabaseSync, sqliteStore) {
  return withStartupError(`${file} cannot be used as the database (another one: --db FILE)`, () => {
    mkdirSync(dirname(file), { recursive: true })
    const database = new DatabaseSync(file)
    return { database, store: sqliteStore(database) }
  })
}

function withStartupError(trouble, action) {
  try {
    return action()
  } catch (error) {
    throw new StartupError(`${trouble}: ${error.message}`)
  }
}

async function load(specifier, advice) {
  try {
    return await import(specifier)
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'ERR_UNKNOWN_BUILTIN_MODULE') {
      throw new StartupError(`${advice}\n(${error.message})`)
    }
    throw error
  }
}

function toPolicy({ accessTtlSeconds, minRotationIntervalSeconds }) {
  const policy = { development: true }
  if (accessTtlSeconds !== undefined) policy.accessTtlSeconds = accessTtlSeconds
  if (minRotationIntervalSeconds !== undefined) {
    policy.minRotationIntervalSeconds = minRotationIntervalSeconds
  }
  return policy
}

/**
 * A real site has its keys in a secret manager. A demo uses a file that only its owner can read.
 */
function readOrMakeKeys(file, generateSecret) {
  mkdirSync(dirname(file), { recursive: true })
  const fresh = {
    ring: [{ id: 'demo-1', secret: generateSecret() }],
    storeKeySecret: generateSecret(),
  }
  try {
    // The flag "wx" keeps two demos that start at once from writing different keys.
    writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
    return fresh
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new StartupError(
      `${file} has no valid keys: delete it and start again. Every user must then sign in again.`,
    )
  }
}
