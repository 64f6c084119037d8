/**
 * The table and the statements that the SQLite store and the D1 store share. No package exports
 * this file.
 *
 * A write that is repeated has the same effect and result as one that is sent once: if the stored
 * revision is already the new one, the statement changes one row to the values it has.
 */

/**
 * The SQL that creates the table and its index. The SQLite store runs it; on D1 a migration does.
 */
export const SCHEMA = `CREATE TABLE IF NOT EXISTS portcullis (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL,
  revision TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS portcullis_expires_at ON portcullis (expires_at);
`

/** Reads a key. Parameters: key. */
export const READ = 'SELECT value, revision FROM portcullis WHERE key = ?'
/** Creates a key. Parameters: key, value, new revision, expiry. */
export const CREATE =
  'INSERT INTO portcullis (key, value, revision, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE revision = excluded.revision'
/**
 * Replaces a value. Parameters: value, new revision, expiry, key, expected revision, new revision.
 */
export const REPLACE =
  'UPDATE portcullis SET value = ?, revision = ?, expires_at = ? WHERE key = ? AND revision IN (?, ?)'
/** Deletes a key. Parameters: key, expected revision. */
export const REMOVE = 'DELETE FROM portcullis WHERE key = ? AND revision = ?'
/**
 * Deletes up to 1000 expired rows, so that no request waits for more. Parameters: the current time.
 */
export const SWEEP =
  'DELETE FROM portcullis WHERE key IN (SELECT key FROM portcullis WHERE expires_at <= ? LIMIT 1000)'

/**
 * Whether a write first deletes expired rows: one in 100 does, at random. A random choice needs no
 * state, so it also works where processes and isolates are short-lived. A write adds one row at
 * most, so 1000 deletions per 100 writes keep up.
 */
export function sweepIsDue(): boolean {
  return Math.random() < 0.01
}
