/**
 * The one table that the SQLite store and the D1 store share, and what they say to it. No package
 * exports this file.
 *
 * A write is the same whether it arrives once or twice: one that meets the very revision that it
 * brings has landed before, changes one row to what it is already, and so answers as it did the
 * first time.
 */

/** Made by the SQLite store itself; on D1 by a migration. */
export const SCHEMA = `CREATE TABLE IF NOT EXISTS portcullis (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL,
  revision TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS portcullis_expires_at ON portcullis (expires_at);
`

/** Key. */
export const READ = 'SELECT value, revision FROM portcullis WHERE key = ?'
/** Key, value, the new revision, deadline. */
export const CREATE =
  'INSERT INTO portcullis (key, value, revision, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE revision = excluded.revision'
/**
 * Value, the new revision, deadline, key, the revision that must be there, and the new one again.
 */
export const REPLACE =
  'UPDATE portcullis SET value = ?, revision = ?, expires_at = ? WHERE key = ? AND revision IN (?, ?)'
/** Key, the revision that must be there. */
export const REMOVE = 'DELETE FROM portcullis WHERE key = ? AND revision = ?'
/** The time. Of many expired rows it takes a thousand: no request waits for more. */
export const SWEEP =
  'DELETE FROM portcullis WHERE key IN (SELECT key FROM portcullis WHERE expires_at <= ? LIMIT 1000)'

/**
 * Whether a write first sweeps: one in a hundred does, by chance. That needs no memory of the last
 * time, so that it comes about also where no process and no isolate lives for long; and as a write
 * adds one row at most, a thousand for a hundred keep up.
 */
export function sweepIsDue(): boolean {
  return Math.random() < 0.01
}
