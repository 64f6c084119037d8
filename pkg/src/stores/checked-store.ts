import { PortcullisError } from '../core/errors.js'
import type { Store, StoreEntry, StoreWrite } from './types.js'

/**
 * The largest value that is read, in bytes. The core keeps a record below 64 KiB, so a value of
 * more than twice that was written by another program and is not copied into the core.
 */
const MAX_VALUE_BYTES = 128 * 1024

/**
 * A store whose `get` and `swap` are present. Its failures are thrown as `ERR_STORE_UNAVAILABLE`,
 * and its results are checked against the contract of `Store`.
 */
export class CheckedStore {
  readonly #store: Store

  constructor(store: Store) {
    assertStore(store)
    this.#store = store
  }

  /** Reads a key and checks the result. */
  async get(key: string): Promise<StoreEntry | null> {
    const entry = await withStoreError('read', async () => copyEntry(await this.#store.get(key)))
    if (entry === null) return null
    if (
      typeof entry !== 'object' || !(entry.value instanceof Uint8Array)
      || typeof entry.revision !== 'string'
    ) {
      throw contractError('get must return { value: Uint8Array, revision: string }, or null')
    }
    if (entry.value.length > MAX_VALUE_BYTES) {
      throw new PortcullisError(
        'ERR_RECORD_CORRUPT',
        `The stored record is too large (${entry.value.length} bytes) and nothing was written: check that no other program writes these keys.`,
      )
    }
    return entry
  }

  /** Swaps a key and checks the result. */
  async swap(key: string, revision: string | null, write: StoreWrite): Promise<boolean> {
    const swapped = await withStoreError('written', () => this.#store.swap(key, revision, write))
    if (typeof swapped !== 'boolean') throw contractError('swap must return true or false')
    return swapped
  }
}

/** Reads each member once, where an error of a getter is an error of the store. */
function copyEntry(entry: StoreEntry | null): StoreEntry | null {
  return typeof entry === 'object' && entry !== null
    ? { value: entry.value, revision: entry.revision }
    : entry
}

/**
 * Checks that a store has `get` and `swap` and supports compare-and-swap.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function assertStore(store: Store): void {
  if (typeof store !== 'object' || store === null || typeof store.get !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The store must have get and swap: pass sqliteStore(db), postgresStore(pool), redisStore(client), durableObjectStore(env.SESSIONS), or an adapter of your own.',
    )
  }
  if (typeof store.swap !== 'function' || store.capabilities?.swap === false) {
    throw new PortcullisError(
      'ERR_STORE_NEEDS_SWAP',
      'This store has no compare-and-swap, so it cannot hold sessions safely: on Cloudflare use a Durable Object (portcullis/stores/durable-object) instead of Workers KV; elsewhere SQLite, PostgreSQL, Redis, or another store with compare-and-swap.',
    )
  }
}

async function withStoreError<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    // The record exceeds the limit of the store's engine: a retry would not help.
    if (cause instanceof PortcullisError && cause.code === 'ERR_RECORD_TOO_LARGE') throw cause
    throw new PortcullisError(
      'ERR_STORE_UNAVAILABLE',
      `The store could not be ${what}: retry shortly. No cookie was changed.`,
      { cause },
    )
  }
}

function contractError(rule: string): PortcullisError {
  return new PortcullisError(
    'ERR_STORE_CONTRACT',
    `The store broke its contract: ${rule}.`,
  )
}
