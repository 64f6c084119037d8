import { CREATE, READ, REMOVE, REPLACE, SCHEMA, SWEEP, sweepIsDue } from './sql-statements.js'
import type { Store } from './types.js'

/** The part of a D1 binding that the store uses. The binding `env.DB` of a Worker has this type. */
export interface D1Binding {
  withSession(constraint: 'first-primary'): {
    prepare(sql: string): {
      bind(...values: unknown[]): {
        all(): Promise<{ results: unknown[] }>
        run(): Promise<{ meta: { changes: number } & Record<string, unknown> }>
      }
    }
  }
}

/**
 * The SQL that creates the table and its index. Save it in the migrations folder (`wrangler d1
 * migrations create`) and apply it (`wrangler d1 migrations apply`) before the Worker is deployed.
 * The store creates no table itself: without the table every call fails with
 * `ERR_STORE_UNAVAILABLE`.
 */
export const D1_MIGRATION: string = SCHEMA

/**
 * Creates a store that keeps sessions in a Cloudflare D1 database. One write in 100, at random,
 * first deletes up to 1000 expired rows.
 *
 * D1 may have read replicas that lag behind. Each call therefore opens its own D1 session with
 * `first-primary`. D1 sends the first query of such a session to the primary. A second query might
 * go to a replica that lacks later writes of other clients.
 *
 * @example
 *
 * ```js
 * const store = d1Store(env.DB)
 * ```
 */
export function d1Store(database: D1Binding): Store {
  const bound = (sql: string, ...values: unknown[]) =>
    database.withSession('first-primary').prepare(sql).bind(...values)
  const changes = async (sql: string, ...values: unknown[]): Promise<boolean> =>
    (await bound(sql, ...values).run()).meta.changes === 1
  const read = async (key: string) => {
    const [row] = (await bound(READ, key).all()).results
    return row as { value: number[]; revision: string } | undefined
  }

  return {
    capabilities: { swap: true },
    async get(key) {
      const row = await read(key)
      // D1 returns a BLOB as an array of numbers.
      return row === undefined ? null : { value: new Uint8Array(row.value), revision: row.revision }
    },
    async swap(key, revision, write) {
      if (write === null) {
        return revision === null
          ? (await read(key)) === undefined
          : changes(REMOVE, key, revision)
      }
      if (sweepIsDue()) await bound(SWEEP, Date.now()).run()
      // A random UUID names this state of the key only, so a deleted revision never comes back.
      const next = crypto.randomUUID()
      return revision === null
        ? changes(CREATE, key, write.value, next, write.expiresAtMs)
        : changes(REPLACE, write.value, next, write.expiresAtMs, key, revision, next)
    },
  }
}
