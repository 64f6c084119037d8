/** A cache for requests whose result depends on their access token alone. */
import type { RequestHead } from '../core/types.js'
import type { CacheEntry, TokenCache } from '../tokens/token-cache.js'

/** The limits of the core's cookie parser. Above them no cookie is read. */
const MAX_HEADER_BYTES = 16 * 1024
const MAX_HEADER_PAIRS = 180

/** Longer headers are parsed each time, so that a thousand cached headers do not take megabytes. */
const MAX_CACHED_HEADER_CHARACTERS = 2048
const MAX_SLOTS = 1024

interface Slot<Result> {
  header: string
  entry: CacheEntry<Result>
}

/**
 * Caches results by access cookie, for safe requests, of which nothing but that cookie counts.
 *
 * A browser sends the same Cookie header again and again. Therefore the whole header is looked up
 * first, in an array that is indexed by its last characters; a token that is not found there is
 * looked up in the token cache (measured: see performance.md, Access cookie cache).
 */
export class AccessCookieCache<Result> {
  readonly #cache: TokenCache<Result>
  readonly #name: string
  readonly #slots: (Slot<Result> | undefined)[]
  readonly #mask: number

  /** Creates the cache for the access cookie of this `name`. */
  constructor(cache: TokenCache<Result>, name: string) {
    this.#cache = cache
    this.#name = name
    // The largest power of two that is not above the size of the cache.
    this.#mask = 2 ** Math.floor(Math.log2(Math.min(cache.max, MAX_SLOTS))) - 1
    this.#slots = Array.from({ length: this.#mask + 1 }, () => undefined)
  }

  /** Gives the result that a verification would give at this time, if it is cached. */
  get(header: string, nowMs: number): Result | undefined {
    const slot = this.#slots[this.#slotIndex(header)]
    if (
      slot !== undefined && slot.header === header && nowMs >= slot.entry.fromMs
      && nowMs < slot.entry.untilMs
    ) return slot.entry.result
    const token = findAccessCookie(header, this.#name)
    const entry = token === undefined ? undefined : this.#cache.entry(token, nowMs)
    if (entry !== undefined) this.#fillSlot(header, entry)
    return entry?.result
  }

  set(header: string, nowMs: number, entry: CacheEntry<Result>): void {
    const token = findAccessCookie(header, this.#name)
    if (token === undefined) return
    this.#cache.set(token, nowMs, entry)
    this.#fillSlot(header, entry)
  }

  clear(): void {
    this.#cache.clear()
    this.#slots.fill(undefined)
  }

  #fillSlot(header: string, entry: CacheEntry<Result>): void {
    if (header.length <= MAX_CACHED_HEADER_CHARACTERS) {
      this.#slots[this.#slotIndex(header)] = { header, entry }
    }
  }

  /**
   * Hashes the last characters of a header: the end of a token or of another cookie. Where many
   * headers end alike, they share a slot, and the token cache still finds the result.
   */
  #slotIndex(header: string): number {
    let index = 0
    for (let n = Math.max(0, header.length - 8); n < header.length; n += 1) {
      index = (index * 31 + header.charCodeAt(n)) | 0
    }
    return index & this.#mask
  }
}

/** Gives the Cookie header of a safe request, one that changes nothing. */
export function readSafeRequestCookies({ method, headers }: RequestHead): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const header = headers?.get?.('cookie')
  return typeof header === 'string' ? header : undefined
}

/**
 * Finds the access cookie in a header. Gives `undefined` where only the core can decide: the cookie
 * is missing or a duplicate, the header exceeds a limit, or a spelling is unusual.
 */
function findAccessCookie(header: string, name: string): string | undefined {
  if (header.length > MAX_HEADER_BYTES) return undefined
  let found: string | undefined
  let start = 0
  for (let pairs = 1; pairs <= MAX_HEADER_PAIRS; pairs += 1) {
    while (isBlank(header.charCodeAt(start))) start += 1
    const end = header.indexOf(';', start)
    const after = header.charCodeAt(start + name.length)
    // Most other cookies fail this test of one character, so that no more of them is read.
    if ((after === EQUALS || endsName(after)) && header.startsWith(name, start)) {
      if (found !== undefined || after !== EQUALS) return undefined
      found = header.slice(start + name.length + 1, end < 0 ? undefined : end)
    }
    if (end < 0) return found
    start = end + 1
  }
  return undefined
}

const EQUALS = 0x3d

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/**
 * Whether a name ends here in an unusual spelling: before a blank, without a value, or at the end
 * of the header, where the code is `NaN`.
 */
function endsName(code: number): boolean {
  return isBlank(code) || code === 0x3b || Number.isNaN(code)
}
