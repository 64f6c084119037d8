import { CREATE, READ, REMOVE, REPLACE, SCHEMA, SWEEP, sweepIsDue } from './sql-statements.js'
import type { Store } from './types.js'

/** What is used of a D1 binding. `env.DB` of a Worker fits. */
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
 * The table, as a migration: put it into a file of your migrations folder (`wrangler d1 migrations
 * create`) and apply that (`wrangler d1 migrations apply`) before the Worker is deployed. The store
 * itself makes no table; without it every call is `ERR_STORE_UNAVAILABLE`.
 */
export const D1_MIGRATION: string = SCHEMA

/**
 * Sessions in a Cloudflare D1 database. One write in a hundred takes up to a thousand expired rows
 * away.
 *
 * D1 may keep read replicas, which lag. Every call opens a D1 session of its own with
 * `first-primary`, because that sends the first query of a session to the primary, and promises
 * nothing of the second: it may go to a replica that knows what this session has seen, and not what
 * others have written since.
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
      // D1 gives a BLOB as an array of numbers.
      return row === undefined ? null : { value: new Uint8Array(row.value), revision: row.revision }
    },
    async swap(key, revision, write) {
      if (write === null) {
        return revision === null
          ? (await read(key)) === undefined
          : changes(REMOVE, key, revision)
      }
      if (sweepIsDue()) await bound(SWEEP, Date.now()).run()
      // A name that no other state of any key ever had.
      const next = crypto.randomUUID()
      return revision === null
        ? changes(CREATE, key, write.value, next, write.expiresAtMs)
        : changes(REPLACE, write.value, next, write.expiresAtMs, key, revision, next)
    },
  }
}
