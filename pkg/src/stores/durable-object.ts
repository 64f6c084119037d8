import { DurableObject } from 'cloudflare:workers'
import type { Store, StoreEntry, StoreWrite } from './types.js'

const SCHEMA = `CREATE TABLE IF NOT EXISTS record (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  value BLOB NOT NULL,
  revision TEXT NOT NULL,
  expires_at INTEGER NOT NULL
)`

const WRITE = `INSERT INTO record (id, value, revision, expires_at) VALUES (0, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET value = excluded.value, revision = excluded.revision, expires_at = excluded.expires_at`

/** An alarm that is rung early is set again; one in the past would ring at once, for ever. */
const MIN_ALARM_DELAY_MS = 3_600_000

/**
 * One subject's record in a SQLite-backed Durable Object: single-threaded, strongly consistent,
 * near its user. Export it from your Worker and bind it (`new_sqlite_classes`).
 */
export class PortcullisObject extends DurableObject {
  /** Whether the table is known to be there: looking it up is charged like reading it. */
  #hasTable = false

  /** The record, or `null`. */
  read(): StoreEntry | null {
    if (!this.#isUsed()) return null
    const [row] = this.ctx.storage.sql.exec('SELECT value, revision FROM record WHERE id = 0')
      .toArray()
    return row === undefined
      ? null
      : { value: new Uint8Array(row.value as ArrayBuffer), revision: row.revision as string }
  }

  /**
   * Swaps the record if its revision is still `revision`. Reading and writing are one synchronous
   * step: nothing comes between.
   */
  async write(revision: string | null, write: StoreWrite | null): Promise<boolean> {
    if ((this.read()?.revision ?? null) !== revision) return false
    const { sql } = this.ctx.storage
    if (write === null) {
      if (revision !== null) sql.exec('DELETE FROM record')
      return true
    }
    if (!this.#isUsed()) sql.exec(SCHEMA)
    // One row is written; to delete it first would be charged as two.
    sql.exec(WRITE, write.value, crypto.randomUUID(), write.expiresAtMs)
    if ((await this.ctx.storage.getAlarm()) === null) await this.#setAlarm(write.expiresAtMs)
    return true
  }

  /** Everything goes once the record has expired; until then the alarm is set again. */
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
   * A read makes no table: an object that was only asked stores nothing, so nothing of it stays for
   * ever.
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

/** What is used of a Durable Object binding. `env.SESSIONS` of a Worker fits. */
export interface ObjectNamespace {
  // The binding's own types come from the Workers runtime and are not ours to repeat.
  idFromName(name: string): unknown
  get(id: unknown): unknown
}

/** Sessions in Durable Objects: one object per subject, so subjects never wait for each other. */
export function durableObjectStore(namespace: ObjectNamespace): Store {
  const object = (key: string): PortcullisObject =>
    namespace.get(namespace.idFromName(key)) as PortcullisObject
  return {
    capabilities: { swap: true },
    get: async (key) => object(key).read(),
    swap: async (key, revision, write) => object(key).write(revision, write),
  }
}
