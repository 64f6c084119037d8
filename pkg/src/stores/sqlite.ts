import { PortcullisError } from '../core/errors.js'
import { CREATE, READ, REMOVE, REPLACE, SCHEMA, SWEEP, sweepIsDue } from './sql-statements.js'
import type { Store } from './types.js'

/**
 * What `node:sqlite`, `bun:sqlite` and better-sqlite3 have in common, and all that is used of them.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): {
    // Each driver has its own type for what may be bound; we bind strings, numbers and bytes.
    get(...parameters: unknown[]): unknown
    run(...parameters: unknown[]): { changes: number | bigint }
  }
}

/** What `sqliteStore` takes besides the database. */
export interface SqliteStoreOptions {
  /**
   * How long a call waits for the lock that another process holds, in milliseconds; then it is
   * `ERR_STORE_UNAVAILABLE`. These drivers block the process while they wait. Default 5000, range 0
   * to 60000.
   */
  busyTimeoutMs?: number
}

/**
 * Sessions in an SQLite file (or `:memory:`), through an open database of `node:sqlite` (Node 22.13
 * or newer), `bun:sqlite` or better-sqlite3 (13 or newer). Several processes may share the file.
 * Makes its own table, `portcullis`, and turns write-ahead logging on; one write in a hundred takes
 * up to a thousand expired rows away.
 *
 * @throws PortcullisError `ERR_CONFIG` for an option out of its range and for a database that is
 * read-only, `ERR_STORE_UNAVAILABLE` where the database cannot be used for another reason, with the
 * driver's error as its `cause`
 */
export function sqliteStore(
  database: SqliteDatabase,
  { busyTimeoutMs = 5000 }: SqliteStoreOptions = {},
): Store {
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0 || busyTimeoutMs > 60_000) {
    throw new PortcullisError('ERR_CONFIG', 'busyTimeoutMs must be a whole number from 0 to 60000.')
  }
  const { read, create, replace, remove, sweep } = prepared(database, busyTimeoutMs)

  return {
    capabilities: { swap: true },
    get(key) {
      const row = read.get(key) as { value: Uint8Array; revision: string } | null | undefined
      return row == null ? null : { value: row.value, revision: row.revision }
    },
    swap(key, revision, write) {
      if (write === null) {
        return revision === null
          ? read.get(key) == null
          : changed(remove.run(key, revision))
      }
      if (sweepIsDue()) sweep.run(Date.now())
      // A name that no other state of any key ever had, also across processes and after a delete.
      const next = crypto.randomUUID()
      return revision === null
        ? changed(create.run(key, write.value, next, write.expiresAtMs))
        : changed(replace.run(write.value, next, write.expiresAtMs, key, revision, next))
    },
  }
}

type Statements = Record<
  'read' | 'create' | 'replace' | 'remove' | 'sweep',
  ReturnType<SqliteDatabase['prepare']>
>

/** Whatever cannot be done here could never be done: better now than at the first sign-in. */
function prepared(database: SqliteDatabase, busyTimeoutMs: number): Statements {
  try {
    // Waiting comes first: switching to WAL needs a lock that another process may hold.
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    writeAhead(database)
    // Some drivers are built to sync WAL less often: a power cut could then undo a revocation that
    // was acknowledged.
    database.exec('PRAGMA synchronous = FULL')
    database.exec(SCHEMA)
    const statement = (sql: string) => database.prepare(sql)
    const statements = {
      read: statement(READ),
      create: statement(CREATE),
      replace: statement(REPLACE),
      remove: statement(REMOVE),
      sweep: statement(SWEEP),
    }
    // Where the table is there already, nothing was written yet, and a read-only database would
    // pass.
    statements.remove.run('', '')
    return statements
  } catch (cause) {
    throw unusableDatabaseError(cause)
  }
}

function unusableDatabaseError(cause: unknown): PortcullisError {
  // SQLite's own words, which every driver passes on; their codes differ.
  const said = cause instanceof Error ? cause.message : ''
  return /readonly/i.test(said)
    ? new PortcullisError(
      'ERR_CONFIG',
      'The SQLite database is read-only, so it cannot hold sessions: open it for writing, and let this process write to the file and its folder.',
      { cause },
    )
    : new PortcullisError(
      'ERR_STORE_UNAVAILABLE',
      'The SQLite database could not be prepared: see the cause. If another process holds its lock, try again in a moment; otherwise check the file.',
      { cause },
    )
}

const ATTEMPTS = 20

/**
 * Of several processes that switch one new file at once, SQLite refuses some without waiting,
 * whatever their time-out. They wait for the write lock, and so for the one that switches.
 */
function writeAhead(database: SqliteDatabase): void {
  for (let attemptNumber = 1;; attemptNumber += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (thrown) {
      if (attemptNumber === ATTEMPTS) throw thrown
      database.exec('BEGIN IMMEDIATE; COMMIT')
    }
  }
}

function changed({ changes }: { changes: number | bigint }): boolean {
  return Number(changes) === 1
}
