import type { Store } from '../types.js'

/** What `node:sqlite`, `bun:sqlite` and better-sqlite3 have in common, and all that is used of them. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): {
    // Each driver has its own type for what may be bound; we bind strings, numbers and bytes.
    get(...parameters: any[]): unknown
    run(...parameters: any[]): { changes: number | bigint }
  }
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS portcullis (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL,
  revision TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS portcullis_expires_at ON portcullis (expires_at);`

const SWEEP_EVERY_MS = 600_000

/**
 * Sessions in an SQLite file (or `:memory:`), through an open database of `node:sqlite` (Node 22.13 or newer),
 * `bun:sqlite` or better-sqlite3 (13 or newer). Several processes may share the file. Makes its own table,
 * `portcullis`, and turns write-ahead logging on; expired rows go when others are written.
 */
export function sqliteStore(database: SqliteDatabase): Store {
  // Waiting comes first: switching to WAL needs a lock that another process may hold.
  database.exec('PRAGMA busy_timeout = 5000')
  writeAhead(database)
  // Some drivers are built to sync WAL less often: a power cut could then undo a revocation that was acknowledged.
  database.exec('PRAGMA synchronous = FULL')
  database.exec(SCHEMA)
  const read = database.prepare('SELECT value, revision FROM portcullis WHERE key = ?')
  const create = database.prepare('INSERT INTO portcullis (key, value, revision, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING')
  const replace = database.prepare('UPDATE portcullis SET value = ?, revision = ?, expires_at = ? WHERE key = ? AND revision = ?')
  const remove = database.prepare('DELETE FROM portcullis WHERE key = ? AND revision = ?')
  const sweep = database.prepare('DELETE FROM portcullis WHERE expires_at <= ?')
  let sweptAtMs = Date.now()

  return {
    capabilities: { swap: true },
    get(key) {
      const row = read.get(key) as { value: Uint8Array; revision: string } | null | undefined
      return row == null ? null : { value: row.value, revision: row.revision }
    },
    swap(key, revision, write) {
      if (write === null) return revision === null ? read.get(key) == null : changed(remove.run(key, revision))
      if (Date.now() - sweptAtMs > SWEEP_EVERY_MS) {
        sweptAtMs = Date.now()
        sweep.run(sweptAtMs)
      }
      // A name that no other state of any key ever had, also across processes and after a delete.
      const next = crypto.randomUUID()
      return revision === null
        ? changed(create.run(key, write.value, next, write.expiresAtMs))
        : changed(replace.run(write.value, next, write.expiresAtMs, key, revision))
    },
  }
}

const ATTEMPTS = 20

/**
 * Of several processes that switch one new file at once, SQLite refuses some without waiting, whatever their time-out.
 * They wait for the write lock, and so for the one that switches.
 */
function writeAhead(database: SqliteDatabase): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (thrown) {
      if (attempt === ATTEMPTS) throw thrown
      database.exec('BEGIN IMMEDIATE; COMMIT')
    }
  }
}

function changed({ changes }: { changes: number | bigint }): boolean {
  return Number(changes) === 1
}
