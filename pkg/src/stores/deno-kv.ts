import { PortcullisError } from '../core/errors.js'
import type { Store } from './types.js'

/** What is used of a Deno KV database. What `Deno.openKv()` gives fits. */
export interface DenoKv {
  get(
    key: string[],
    options: { consistency: 'strong' },
  ): Promise<{ value: unknown; versionstamp: string | null }>
  atomic(): DenoKvOperation
}

/** What is used of an atomic operation of Deno KV. */
export interface DenoKvOperation {
  check(check: { key: string[]; versionstamp: string | null }): DenoKvOperation
  set(key: string[], value: unknown, options: { expireIn: number }): DenoKvOperation
  delete(key: string[]): DenoKvOperation
  commit(): Promise<{ ok: boolean }>
}

/** What `denoKvStore` takes besides the database. */
export interface DenoKvStoreOptions {
  /**
   * The first part of every key, which keeps sites and other data in one database apart: 1 to 64
   * characters. Default `'portcullis'`.
   */
  prefix?: string
}

/** The largest value that Deno KV takes. A `Uint8Array` has no overhead there. */
const MAX_VALUE_BYTES = 65_536
const MARK_BYTES = 16

/**
 * Sessions in Deno KV, under `[prefix, key]`. A revision is the versionstamp: it only grows, so
 * that none ever comes back, not even after a delete.
 *
 * Deno KV takes values of 65536 bytes, and 16 of them are this store's own, so a subject's record
 * may have 65520 bytes: what would grow beyond that is `ERR_RECORD_FULL`, and nothing is written.
 *
 * @throws PortcullisError `ERR_CONFIG`
 */
export function denoKvStore(kv: DenoKv, { prefix = 'portcullis' }: DenoKvStoreOptions = {}): Store {
  if (typeof prefix !== 'string' || prefix.length < 1 || prefix.length > 64) {
    throw new PortcullisError('ERR_CONFIG', 'prefix must be a text of 1 to 64 characters.')
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
      // Deno KV throws at a versionstamp that is none.
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
      // A remote database is sent a commit again when its answer was lost, and the second finds the
      // first. It has landed.
      const found = await read(key)
      return found !== null && sameMark(found.value, marked)
    },
  }
}

const MAX_ATTEMPTS = 20

/**
 * Where several processes share a file, Deno KV refuses some of those who write at once, without
 * waiting for the others. Nothing was written then, and they come again.
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

/** The value behind a mark that no other write ever has. */
function withMark(value: Uint8Array): Uint8Array {
  if (MARK_BYTES + value.length > MAX_VALUE_BYTES) {
    throw new PortcullisError(
      'ERR_RECORD_FULL',
      "The subject's record would exceed the 65520 bytes that Deno KV has room for: store less data on its sessions, or lower maxSessionsPerSubject.",
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
