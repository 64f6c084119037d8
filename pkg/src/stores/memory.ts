import type { Store, StoreEntry } from './types.js'

/**
 * Creates a store in the memory of this process, for tests and for a single server: a restart
 * deletes all sessions. A write every 10 minutes deletes the expired entries. `size` is the number
 * of entries.
 *
 * @example
 *
 * ```js
 * const sessions = createSessions({ issuer: 'https://app.example', keys, store: memoryStore() })
 * ```
 */
export function memoryStore(): Store & { readonly size: number } {
  const entries = new Map<string, StoreEntry & { expiresAtMs: number }>()
  let revisions = 0
  let sweptAtMs = Date.now()

  const sweep = (nowMs: number): void => {
    sweptAtMs = nowMs
    for (const [key, { expiresAtMs }] of entries) if (expiresAtMs <= nowMs) entries.delete(key)
  }

  return {
    capabilities: { swap: true },
    get size() {
      return entries.size
    },
    get(key) {
      const entry = entries.get(key)
      return entry === undefined ? null : { value: entry.value.slice(), revision: entry.revision }
    },
    swap(key, revision, write) {
      if ((entries.get(key)?.revision ?? null) !== revision) return false
      if (write === null) {
        entries.delete(key)
        return true
      }
      revisions += 1
      entries.set(key, {
        value: write.value.slice(),
        expiresAtMs: write.expiresAtMs,
        revision: String(revisions),
      })
      if (Date.now() - sweptAtMs > SWEEP_EVERY_MS) sweep(Date.now())
      return true
    },
  }
}

const SWEEP_EVERY_MS = 600_000
