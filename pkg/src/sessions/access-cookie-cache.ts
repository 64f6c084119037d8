/** Where the answer for a request is that of its access token alone, and what that answer was. */
import type { RequestHead } from '../core/types.js'
import type { CacheEntry, TokenCache } from '../tokens/token-cache.js'

/** The limits of src/cookie.rs: above them no cookie is read. */
const MAX_HEADER_BYTES = 16 * 1024
const MAX_HEADER_PAIRS = 180

/**
 * A longer header is looked through each time: what is kept of a thousand must not be megabytes.
 */
const MAX_CACHED_HEADER_CHARACTERS = 2048
const MAX_SLOTS = 1024

interface Slot<Result> {
  header: string
  entry: CacheEntry<Result>
}

/**
 * Access cookies that were believed, of requests that change nothing: nothing else of such a
 * request counts.
 *
 * A browser sends the same Cookie header again and again. So the header itself is looked up first,
 * by its last characters in an array, and compared whole: in a busy server that takes a tenth of a
 * microsecond where finding the cookie in it, hashing it and asking a Map took two and a half. What
 * is not there is asked of the cache, by the token.
 */
export class AccessCookieCache<Result> {
  readonly #cache: TokenCache<Result>
  readonly #name: string
  readonly #slots: (Slot<Result> | undefined)[]
  readonly #mask: number

  /** `name`: that of the access cookie. */
  constructor(cache: TokenCache<Result>, name: string) {
    this.#cache = cache
    this.#name = name
    // A power of two that is not more than are wanted.
    this.#mask = 2 ** Math.floor(Math.log2(Math.min(cache.max, MAX_SLOTS))) - 1
    this.#slots = Array.from({ length: this.#mask + 1 }, () => undefined)
  }

  /** The answer that a verification would give at this time. */
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
   * The end of a header is the end of a token, or of another cookie: where many end alike, the
   * cache answers.
   */
  #slotIndex(header: string): number {
    let index = 0
    for (let n = Math.max(0, header.length - 8); n < header.length; n += 1) {
      index = (index * 31 + header.charCodeAt(n)) | 0
    }
    return index & this.#mask
  }
}

/** The Cookie header of a request that changes nothing. */
export function readSafeRequestCookies({ method, headers }: RequestHead): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const header = headers?.get?.('cookie')
  return typeof header === 'string' ? header : undefined
}

/**
 * The access cookie in a header, as the core would find it. `undefined` where that takes a closer
 * look (a cookie that is not there or stands twice, a header beyond the limits, any spelling that
 * is not the usual one): the core looks then.
 */
function findAccessCookie(header: string, name: string): string | undefined {
  if (header.length > MAX_HEADER_BYTES) return undefined
  let found: string | undefined
  let start = 0
  for (let pairs = 1; pairs <= MAX_HEADER_PAIRS; pairs += 1) {
    while (isBlank(header.charCodeAt(start))) start += 1
    const end = header.indexOf(';', start)
    const after = header.charCodeAt(start + name.length)
    // What a name ends before, or is followed by: of most other cookies no more is read.
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
 * Other spellings of a name without a value, or with blanks before it. `NaN` is the end of the
 * header.
 */
function endsName(code: number): boolean {
  return isBlank(code) || code === 0x3b || Number.isNaN(code)
}
