import { PortcullisError } from '../core/errors.js'
import type { Store } from './types.js'

/** The part of a Deno KV database that the store uses. `Deno.openKv()` returns this type. */
export interface DenoKv {
  get(
    key: string[],
    options: { consistency: 'strong' },
  ): Promise<{ value: unknown; versionstamp: string | null }>
  atomic(): DenoKvOperation
}

/** The part of an atomic operation of Deno KV that the store uses. */
export interface DenoKvOperation {
  check(check: { key: string[]; versionstamp: string | null }): DenoKvOperation
  set(key: string[], value: unknown, options: { expireIn: number }): DenoKvOperation
  delete(key: string[]): DenoKvOperation
  commit(): Promise<{ ok: boolean }>
}

/** The options of `denoKvStore`. */
export interface DenoKvStoreOptions {
  /**
   * The first part of every key, which separates sites and other data in one database. Default
   * `'portcullis'`, length 1 to 64 characters.
   */
  prefix?: string
}

/** The largest value that Deno KV stores, in bytes. A `Uint8Array` has no overhead there. */
const MAX_VALUE_BYTES = 65_536
const MARK_BYTES = 16

/**
 * Creates a store that keeps sessions in Deno KV, under `[prefix, key]`. The revision is the
 * versionstamp, which only grows, so none is used twice, not even after a delete.
 *
 * Deno KV stores values of up to 65536 bytes, of which this store uses 16 for a write ID. A subject
 * record may thus have 65520 bytes: a larger one fails with `ERR_RECORD_FULL` and nothing is
 * written.
 *
 * @example
 *
 * ```js
 * const store = denoKvStore(await Deno.openKv())
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid prefix
 */
export function denoKvStore(kv: DenoKv, { prefix = 'portcullis' }: DenoKvStoreOptions = {}): Store {
  if (typeof prefix !== 'string' || prefix.length < 1 || prefix.length > 64) {
    throw new PortcullisError('ERR_CONFIG', 'Invalid prefix: pass a string of 1 to 64 characters.')
  }
  const read = async (key: string) => {
    const { value, versionstamp } = await kv.get([prefix, key], { consistency: 'strong' })
    return versionstamp === null ? null : { value: value as Uint8Array, revision: versionstamp }
  }

  return {
    capabilities: { swap: true },
    async get(key) {
      const entry = await read(key)
      return entry && { ...entry, value: entry.value.slice(MARK_BYTES) }
    },
    async swap(key, revision, write) {
      // Deno KV throws an error for a malformed versionstamp.
      if (revision !== null && !/^[0-9a-f]{20}$/.test(revision)) return false
      const checkedOperation = () =>
        kv.atomic().check({ key: [prefix, key], versionstamp: revision })
      if (write === null) return commitWithRetry(() => checkedOperation().delete([prefix, key]))
      const marked = withMark(write.value)
      const expireIn = Math.max(0, Math.ceil(write.expiresAtMs - Date.now()))
      if (
        await commitWithRetry(() => checkedOperation().set([prefix, key], marked, { expireIn }))
      ) {
        return true
      }
      // Deno KV repeats a commit to a remote database after a lost response, and the repeated
      // commit conflicts with the first. The write ID shows that the first one succeeded.
      const found = await read(key)
      return found !== null && sameMark(found.value, marked)
    },
  }
}

const MAX_ATTEMPTS = 20

/**
 * Commits an operation, and repeats it while the database is locked. Deno KV rejects some
 * concurrent writes of processes that share a file without waiting for the lock; nothing was
 * written then.
 */
async function commitWithRetry(operation: () => DenoKvOperation): Promise<boolean> {
  for (let attemptNumber = 1;; attemptNumber += 1) {
    try {
      return (await operation().commit()).ok
    } catch (error) {
      if (
        attemptNumber === MAX_ATTEMPTS
        || !(error instanceof Error && /database is locked/.test(error.message))
      ) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * attemptNumber * 4))
  }
}

/**
 * Prefixes the value with a random write ID, by which this write is recognised later.
 *
 * @throws PortcullisError `ERR_RECORD_FULL`
 */
function withMark(value: Uint8Array): Uint8Array {
  if (MARK_BYTES + value.length > MAX_VALUE_BYTES) {
    throw new PortcullisError(
      'ERR_RECORD_FULL',
      'The subject record would exceed the 65520 bytes that Deno KV can store: store less data on its sessions, or lower maxSessionsPerSubject.',
    )
  }
  const marked = new Uint8Array(MARK_BYTES + value.length)
  crypto.getRandomValues(marked.subarray(0, MARK_BYTES))
  marked.set(value, MARK_BYTES)
  return marked
}

function sameMark(one: Uint8Array, other: Uint8Array): boolean {
  for (let n = 0; n < MARK_BYTES; n += 1) if (one[n] !== other[n]) return false
  return true
}
