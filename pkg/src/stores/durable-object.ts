import { DurableObject } from 'cloudflare:workers'
import type { Store, StoreEntry, StoreWrite } from './types.js'

const SCHEMA = `CREATE TABLE IF NOT EXISTS record (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  value BLOB NOT NULL,
  revision TEXT NOT NULL,
  expires_at INTEGER NOT NULL
)`

const WRITE = `INSERT INTO record (id, value, revision, expires_at) VALUES (0, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE
  SET value = excluded.value, revision = excluded.revision, expires_at = excluded.expires_at`

/**
 * The shortest delay of an alarm, in milliseconds. `alarm()` sets the alarm again when it runs
 * before the expiry, and an alarm in the past would run at once, without end.
 */
const MIN_ALARM_DELAY_MS = 3_600_000

/**
 * A SQLite-backed Durable Object that holds the record of one subject. It is single-threaded and
 * strongly consistent. Export the class from the Worker and bind it with `new_sqlite_classes`.
 */
export class PortcullisObject extends DurableObject {
  /**
   * Whether the table is known to exist. Cloudflare charges the look-up like a read, so the result
   * is kept.
   */
  #hasTable = false

  /** Reads the stored record and its revision, or `null` if there is none. */
  read(): StoreEntry | null {
    if (!this.#isUsed()) return null
    const [row] = this.ctx.storage.sql.exec('SELECT value, revision FROM record WHERE id = 0')
      .toArray()
    return row === undefined
      ? null
      : { value: new Uint8Array(row.value as ArrayBuffer), revision: row.revision as string }
  }

  /**
   * Replaces the record if its revision is still `revision`, and returns whether it did. The read
   * and the write are one synchronous step, so no other call can run between them.
   */
  async write(revision: string | null, write: StoreWrite | null): Promise<boolean> {
    if ((this.read()?.revision ?? null) !== revision) return false
    const { sql } = this.ctx.storage
    if (write === null) {
      if (revision !== null) sql.exec('DELETE FROM record')
      return true
    }
    if (!this.#isUsed()) sql.exec(SCHEMA)
    // One row is written: deleting it first would be charged as two.
    sql.exec(WRITE, write.value, crypto.randomUUID(), write.expiresAtMs)
    if ((await this.ctx.storage.getAlarm()) === null) await this.#setAlarm(write.expiresAtMs)
    return true
  }

  /** Deletes all storage once the record has expired; until then the alarm is set again. */
  async alarm(): Promise<void> {
    const [row] = this.#isUsed()
      ? this.ctx.storage.sql.exec('SELECT expires_at FROM record WHERE id = 0').toArray()
      : []
    const expiresAtMs = Number(row?.expires_at ?? 0)
    if (expiresAtMs > Date.now()) return this.#setAlarm(expiresAtMs)
    const emptied = this.ctx.storage.deleteAll()
    this.#hasTable = false
    await emptied
  }

  /**
   * Whether the object has its table. A read does not create it, so an object that was only read
   * keeps no storage.
   */
  #isUsed(): boolean {
    this.#hasTable ||= this.ctx.storage.sql.exec(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'record'",
    ).toArray().length > 0
    return this.#hasTable
  }

  #setAlarm(atMs: number): Promise<void> {
    return this.ctx.storage.setAlarm(Math.max(atMs, Date.now() + MIN_ALARM_DELAY_MS))
  }
}

/**
 * The part of a Durable Object binding that the store uses. The binding `env.SESSIONS` of a Worker
 * has this type.
 */
export interface ObjectNamespace {
  // The Workers runtime declares the types of IDs and stubs.
  idFromName(name: string): unknown
  get(id: unknown): unknown
}

/**
 * Creates a store that keeps sessions in Durable Objects. Each subject has its own object, so
 * subjects never wait for each other.
 *
 * @example
 *
 * ```js
 * export { PortcullisObject } from 'portcullis/stores/durable-object'
 * const store = durableObjectStore(env.SESSIONS)
 * ```
 */
export function durableObjectStore(namespace: ObjectNamespace): Store {
  const object = (key: string): PortcullisObject =>
    namespace.get(namespace.idFromName(key)) as PortcullisObject
  return {
    capabilities: { swap: true },
    get: async (key) => object(key).read(),
    swap: async (key, revision, write) => object(key).write(revision, write),
  }
}
