import { PortcullisError } from '../core/errors.js'
import type { Store, StoreEntry, StoreWrite } from './types.js'

/**
 * Records are kept under 64 KiB where they grow; what is twice that is not ours, and is not copied
 * into the core.
 */
const MAX_VALUE_BYTES = 128 * 1024

/**
 * A store that is known to have both verbs, whose failures are typed and whose answers are checked.
 */
export class CheckedStore {
  readonly #store: Store

  constructor(store: Store) {
    assertStore(store)
    this.#store = store
  }

  async get(key: string): Promise<StoreEntry | null> {
    const entry = await withStoreError('read', () => this.#store.get(key))
    if (entry === null) return null
    if (
      typeof entry !== 'object' || !(entry.value instanceof Uint8Array)
      || typeof entry.revision !== 'string'
    ) {
      throw contractError('get must give { value: Uint8Array, revision: string }, or null')
    }
    if (entry.value.length > MAX_VALUE_BYTES) {
      throw new PortcullisError(
        'ERR_RECORD_CORRUPT',
        `The stored record has ${entry.value.length} bytes, more than any of ours: nothing was written. Check that no other program writes these keys.`,
      )
    }
    return entry
  }

  async swap(key: string, revision: string | null, write: StoreWrite): Promise<boolean> {
    const swapped = await withStoreError('written', () => this.#store.swap(key, revision, write))
    if (typeof swapped !== 'boolean') throw contractError('swap must answer true or false')
    return swapped
  }
}

/** Refuses what has not both verbs, or says that it cannot swap. */
export function assertStore(store: Store): void {
  if (typeof store !== 'object' || store === null || typeof store.get !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'store must have get and swap: sqliteStore(db), postgresStore(pool), redisStore(client), durableObjectStore(env.SESSIONS) and so on, or an adapter of your own.',
    )
  }
  if (typeof store.swap !== 'function' || store.capabilities?.swap === false) {
    throw new PortcullisError(
      'ERR_STORE_NEEDS_SWAP',
      'This store cannot swap a value only if it is unchanged, so it cannot hold sessions safely. On Cloudflare use a Durable Object (portcullis/stores/durable-object) instead of Workers KV; elsewhere SQLite, PostgreSQL, Redis, or another store with compare-and-swap.',
    )
  }
}

async function withStoreError<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    // An engine that takes less than 64 KiB: trying again would not help.
    if (cause instanceof PortcullisError && cause.code === 'ERR_RECORD_FULL') throw cause
    throw new PortcullisError(
      'ERR_STORE_UNAVAILABLE',
      `The store could not be ${what}: try again in a moment. Nothing was acknowledged, no cookie was changed.`,
      { cause },
    )
  }
}

function contractError(rule: string): PortcullisError {
  return new PortcullisError(
    'ERR_STORE_CONTRACT',
    `The store broke its contract: ${rule}. Correct the adapter.`,
  )
}
