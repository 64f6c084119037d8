import { PortcullisError } from '../core/errors.js'
import { sweepIsDue } from './sql-statements.js'
import type { Store } from './types.js'

/** What is used of a Pool or Client of `pg`, and of PGlite. */
export interface PostgresQueries {
  // Each driver has its own types for what may be bound and for rows; we bind strings, numbers and
  // bytes.
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>
}

/** What is used of a client of `postgres`, the function that is usually called `sql`. */
export interface PostgresTag {
  // biome-ignore lint/suspicious/noExplicitAny: its own type of values accepts no other type.
  unsafe(text: string, values: any[]): PromiseLike<unknown[]>
}

/** What `postgresStore` takes beside the client. */
export interface PostgresStoreOptions {
  /**
   * The table that `postgresMigration` made. Default `portcullis`; a lower-case letter or `_`, then
   * up to 51 more of them or digits.
   */
  table?: string
}

/**
 * Sessions in PostgreSQL, through a Pool of `pg`, a client of `postgres`, or PGlite. It must lead
 * to the primary, and not be inside a transaction of yours. The table must be there: run
 * `POSTGRES_MIGRATION` first; this makes none. The role needs SELECT, INSERT, UPDATE and DELETE on
 * it. One write in 100, at random, first deletes up to 1000 expired rows.
 *
 * No driver gives up on a server that says nothing unless it is told to: set `query_timeout`
 * (`pg`), or use `withTimeout`.
 *
 * @throws PortcullisError `ERR_CONFIG` for a client that is none of these, or a name of a table
 * that is no plain identifier
 */
export function postgresStore(
  client: PostgresQueries | PostgresTag,
  { table = 'portcullis' }: PostgresStoreOptions = {},
): Store {
  const rows = rowsOf(client)
  const own = `"${checkTableName(table)}"`
  // Each verb is one statement, so READ COMMITTED is enough: a statement that meets a row which
  // another one is changing waits for it, and then looks at its own condition again. The second
  // condition of both writes is for one that was sent twice (by a proxy, by something around the
  // client): whoever finds the revision that it brings has landed already.
  const read = `SELECT value, revision FROM ${own} WHERE key = $1`
  const create = `INSERT INTO ${own} (key, value, revision, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE SET revision = excluded.revision WHERE ${own}.revision = excluded.revision RETURNING 1`
  const replace =
    `UPDATE ${own} SET value = $2, revision = $3, expires_at = $4 WHERE key = $1 AND revision IN ($5, $3) RETURNING 1`
  const remove = `DELETE FROM ${own} WHERE key = $1 AND revision = $2 RETURNING 1`
  // An array is made once; a bare subquery may be run again by the planner, and its limit then
  // limits nothing.
  const sweep = `DELETE FROM ${own} WHERE key = ANY (ARRAY (
    SELECT key FROM ${own} WHERE expires_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED))`

  return {
    capabilities: { swap: true },
    async get(key) {
      const [row] = await rows(read, [key])
      return row === undefined ? null : { value: new Uint8Array(row.value), revision: row.revision }
    },
    async swap(key, revision, write) {
      if (write === null) {
        return revision === null
          ? (await rows(read, [key])).length === 0
          : (await rows(remove, [key, revision])).length === 1
      }
      if (sweepIsDue()) await rows(sweep, [Date.now()])
      const values = [key, write.value, crypto.randomUUID(), write.expiresAtMs]
      return (await (revision === null
        ? rows(create, values)
        : rows(replace, [...values, revision]))).length === 1
    },
  }
}

/**
 * The statements that make a table for `postgresStore`, to be run by your own migration tool;
 * running them again changes nothing. Keys are compared byte by byte (`COLLATE "C"`), so that a new
 * version of the system's collations cannot break their index. `expires_at` is in milliseconds
 * since 1970.
 *
 * @throws PortcullisError `ERR_CONFIG` for a name that is no plain identifier
 */
export function postgresMigration(table = 'portcullis'): string {
  return `CREATE TABLE IF NOT EXISTS "${checkTableName(table)}" (
  key text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL,
  revision text NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS "${table}_expires_at" ON "${table}" (expires_at);
`
}

/** The migration for the table that `postgresStore` uses by default. */
export const POSTGRES_MIGRATION = postgresMigration()

/**
 * A name cannot be bound as a value is, so nothing goes into a statement that could be more than a
 * name.
 */
function checkTableName(table: string): string {
  // The index has 11 characters more, and PostgreSQL cuts names off after 63.
  if (typeof table !== 'string' || !/^[a-z_][a-z0-9_]{0,51}$/.test(table)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'table must be a lower-case letter or _, then up to 51 more of them or digits.',
    )
  }
  return table
}

interface StoredRow {
  value: Uint8Array
  revision: string
}

/**
 * Runs a statement and gives its rows. The drivers count changed rows each in its own way, so every
 * write returns one.
 */
function rowsOf(
  client: PostgresQueries | PostgresTag,
): (text: string, values: unknown[]) => Promise<StoredRow[]> {
  const { unsafe, query } = (client ?? {}) as Partial<PostgresQueries & PostgresTag>
  // Without preparing, as `unsafe` does it by itself: no pooler minds, and statements do not queue
  // up on one connection, which 3.4.9 does not survive when it is cut. The filter is for what it
  // does after one that ended between a row and what follows it: the next answer begins with a
  // hole, which would pass for a key that has no value.
  if (typeof unsafe === 'function') {
    return async (text, values) =>
      (await (client as PostgresTag).unsafe(text, values)).filter((row) =>
        row !== undefined
      ) as StoredRow[]
  }
  if (typeof query === 'function') {
    return async (text, values) =>
      (await (client as PostgresQueries).query(text, values)).rows as StoredRow[]
  }
  throw new PortcullisError(
    'ERR_CONFIG',
    'postgresStore needs a Pool of pg, a client of postgres (sql), or PGlite: postgresStore(new Pool({ connectionString })).',
  )
}
