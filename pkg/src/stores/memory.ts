import type { Store, StoreEntry } from './types.js'

/**
 * A store in this process's memory, for tests and for a single server that may forget everybody
 * when it restarts. Expired entries go when others are written.
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
