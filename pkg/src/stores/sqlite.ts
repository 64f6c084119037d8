import { PortcullisError } from '../core/errors.js'
import { CREATE, READ, REMOVE, REPLACE, SCHEMA, SWEEP, sweepIsDue } from './sql-statements.js'
import type { Store } from './types.js'

/** The part of a database of `node:sqlite`, `bun:sqlite` or better-sqlite3 that the store uses. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): {
    // Each driver declares its own type of values. The store binds strings, numbers and bytes.
    get(...parameters: unknown[]): unknown
    run(...parameters: unknown[]): { changes: number | bigint }
  }
}

/** The options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /**
   * The longest time that a call waits for a lock of another process, in milliseconds; then it
   * throws `ERR_STORE_UNAVAILABLE`. The drivers block the process while they wait. Default 5000,
   * range 0 to 60000.
   */
  busyTimeoutMs?: number
}

/**
 * Creates a store that keeps sessions in an SQLite file or in `:memory:`, through an open database
 * of `node:sqlite` (Node 22.13 or newer), `bun:sqlite` or better-sqlite3 (13 or newer). Several
 * processes may share the file. The store creates its table `portcullis` and enables write-ahead
 * logging. One write in 100, at random, first deletes up to 1000 expired rows.
 *
 * @example
 *
 * ```js
 * const store = sqliteStore(new DatabaseSync('sessions.db'))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an option out of its range and for a read-only database;
 * `ERR_STORE_UNAVAILABLE` if the database cannot be used for another reason, with the driver's
 * error as its `cause`
 */
export function sqliteStore(
  database: SqliteDatabase,
  { busyTimeoutMs = 5000 }: SqliteStoreOptions = {},
): Store {
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0 || busyTimeoutMs > 60_000) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Invalid busyTimeoutMs: pass a whole number from 0 to 60000.',
    )
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
      // A random UUID names this state of the key only, even across processes and after a delete.
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

/**
 * Prepares all statements at once, so that an unusable database fails at start and not at the first
 * sign-in.
 */
function prepared(database: SqliteDatabase, busyTimeoutMs: number): Statements {
  try {
    // The timeout is set first: switching to WAL needs a lock that another process may hold.
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    writeAhead(database)
    // Some drivers sync the WAL less often by default: a power failure could then undo an
    // acknowledged revocation.
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
    // If the table exists, nothing has been written so far: this write detects a read-only
    // database.
    statements.remove.run('', '')
    return statements
  } catch (cause) {
    throw unusableDatabaseError(cause)
  }
}

function unusableDatabaseError(cause: unknown): PortcullisError {
  // Every driver passes SQLite's message on, but their error codes differ.
  const said = cause instanceof Error ? cause.message : ''
  return /readonly/i.test(said)
    ? new PortcullisError(
      'ERR_CONFIG',
      'The SQLite database is read-only: open it for writing, and let this process write to the file and its folder.',
      { cause },
    )
    : new PortcullisError(
      'ERR_STORE_UNAVAILABLE',
      'The SQLite database could not be prepared (see cause): if another process holds its lock, retry shortly; otherwise check the file.',
      { cause },
    )
}

const ATTEMPTS = 20

/**
 * Enables write-ahead logging. SQLite fails some of several processes that switch a new file at the
 * same time, whatever their timeout. Such a process waits for the write lock and then tries again.
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
