import { PortcullisError } from '../core/errors.js'
import { sweepIsDue } from './sql-statements.js'
import type { Store } from './types.js'

/** The part of a Pool or Client of `pg`, and of PGlite, that the store uses. */
export interface PostgresQueries {
  // Each driver declares its own types of values and rows. The store binds strings, numbers and
  // bytes.
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>
}

/**
 * The part of a client of the package `postgres` that the store uses. Its documentation calls that
 * client `sql`.
 */
export interface PostgresTag {
  // biome-ignore lint/suspicious/noExplicitAny: its own type of values accepts no other type.
  unsafe(text: string, values: any[]): PromiseLike<unknown[]>
}

/** The options of `postgresStore`. */
export interface PostgresStoreOptions {
  /**
   * The name of the table that `postgresMigration` created. Default `portcullis`; a lower-case
   * letter or `_`, then up to 51 lower-case letters, digits or `_`.
   */
  table?: string
}

/**
 * Creates a store that keeps sessions in PostgreSQL, through a Pool of `pg`, a client of
 * `postgres`, or PGlite. The client must connect to the primary and must not be inside a
 * transaction. The table must exist: run `POSTGRES_MIGRATION` first. The role needs SELECT, INSERT,
 * UPDATE and DELETE on it. One write in 100, at random, first deletes up to 1000 expired rows.
 *
 * The drivers wait without limit for a server that does not respond: set `query_timeout` (`pg`), or
 * use `withTimeout`.
 *
 * @example
 *
 * ```js
 * const store = postgresStore(new Pool({ connectionString, query_timeout: 2000 }))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an unsupported client and for an invalid table name
 */
export function postgresStore(
  client: PostgresQueries | PostgresTag,
  { table = 'portcullis' }: PostgresStoreOptions = {},
): Store {
  const rows = rowsOf(client)
  const own = `"${checkTableName(table)}"`
  // Each operation is one statement, so READ COMMITTED is enough: a statement that finds a row
  // under change waits and then evaluates its condition again. The comparison with the new revision
  // recognises a write that a proxy or the client has repeated: it was written the first time.
  const read = `SELECT value, revision FROM ${own} WHERE key = $1`
  const create = `INSERT INTO ${own} (key, value, revision, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE SET revision = excluded.revision
    WHERE ${own}.revision = excluded.revision RETURNING 1`
  const replace =
    `UPDATE ${own} SET value = $2, revision = $3, expires_at = $4 WHERE key = $1 AND revision IN ($5, $3) RETURNING 1`
  const remove = `DELETE FROM ${own} WHERE key = $1 AND revision = $2 RETURNING 1`
  // ARRAY() evaluates the subquery once. The planner may run a plain subquery again for each row,
  // which would defeat its LIMIT.
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
 * Returns the SQL that creates a table for `postgresStore`, to be run by the site's migration tool.
 * Running it again changes nothing. Keys are compared byte by byte (`COLLATE "C"`), so that a new
 * version of the system's collations cannot corrupt their index. `expires_at` is in milliseconds
 * since 1970.
 *
 * @param table The table name, as in the options of `postgresStore`. Default `portcullis`.
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid table name
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
 * Checks the table name. SQL cannot bind an identifier as a parameter, so only plain identifiers
 * may be inserted into a statement.
 */
function checkTableName(table: string): string {
  // The name of the index is 11 characters longer, and PostgreSQL truncates names to 63.
  if (typeof table !== 'string' || !/^[a-z_][a-z0-9_]{0,51}$/.test(table)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Invalid table: pass a lower-case letter or _, then up to 51 lower-case letters, digits or _.',
    )
  }
  return table
}

interface StoredRow {
  value: Uint8Array
  revision: string
}

/**
 * Returns a function that runs a statement and returns its rows. The drivers count changed rows in
 * different ways, so every write returns one row instead.
 */
function rowsOf(
  client: PostgresQueries | PostgresTag,
): (text: string, values: unknown[]) => Promise<StoredRow[]> {
  const { unsafe, query } = (client ?? {}) as Partial<PostgresQueries & PostgresTag>
  // `unsafe` does not prepare statements, so connection poolers work and statements do not queue on
  // one connection, which version 3.4.9 does not survive when that connection is cut. After a
  // connection that ended between a row and the end of its result, the next result begins with
  // `undefined`, which would be read as a key without a value: the filter removes it.
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
    'Unsupported client for postgresStore: pass a Pool of pg, a client of postgres (sql), or PGlite.',
  )
}
