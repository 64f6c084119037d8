import { PortcullisError } from '../core/errors.js'

/**
 * A result, and the time range in which a verification would give it: from `fromMs`, and before
 * `untilMs`.
 */
export interface CacheEntry<Result> {
  result: Result
  fromMs: number
  untilMs: number
}

interface KeyedEntry<Result> extends CacheEntry<Result> {
  token: string
}

/**
 * The key of an entry is the end of its token, which is part of the signature; the whole token is
 * compared afterwards. Hashing a whole token is slow (measured: see performance.md, Token cache).
 */
const TAIL_CHARACTERS = 22

const DEFAULT_SIZE = 1000
const MAX_SIZE = 100_000

/** Creates a cache of the size that the application has set, or none. */
export function createTokenCache<Result>(
  size: number | false = DEFAULT_SIZE,
): TokenCache<Result> | undefined {
  if (size === false || size === 0) return undefined
  if (!Number.isInteger(size) || size < 0 || size > MAX_SIZE) {
    throw new PortcullisError(
      'ERR_CONFIG',
      `cache must be false, or how many tokens to keep: a whole number up to ${MAX_SIZE}.`,
    )
  }
  return new TokenCache(size)
}

/** The interval in which expired entries are removed. */
const SWEEP_MS = 60_000

/**
 * A cache of verified tokens. Under one set of keys and one policy, equal tokens have equal results
 * for a time range. When the cache is full, the oldest entry is removed.
 */
export class TokenCache<Result> {
  readonly #entries = new Map<string, KeyedEntry<Result>>()
  /** The largest number of entries in this cache. */
  readonly max: number
  #sweptMs = 0

  constructor(max: number) {
    this.max = max
  }

  /** Gives the result that a verification would give at this time, if it is cached. */
  get(token: string, nowMs: number): Result | undefined {
    return this.entry(token, nowMs)?.result
  }

  /** Gives the entry of a token with its time range, if it is cached and valid at this time. */
  entry(token: string, nowMs: number): CacheEntry<Result> | undefined {
    const tail = token.slice(-TAIL_CHARACTERS)
    const entry = this.#entries.get(tail)
    if (entry === undefined || entry.token !== token) return undefined
    if (nowMs >= entry.fromMs && nowMs < entry.untilMs) return entry
    this.#entries.delete(tail)
    return undefined
  }

  set(token: string, nowMs: number, { result, fromMs, untilMs }: CacheEntry<Result>): void {
    if (!(Math.abs(nowMs - this.#sweptMs) < SWEEP_MS)) this.#sweep(nowMs)
    if (this.#entries.size >= this.max) {
      const oldest = this.#entries.keys().next()
      if (oldest.done !== true) this.#entries.delete(oldest.value)
    }
    this.#entries.set(token.slice(-TAIL_CHARACTERS), { token, result, fromMs, untilMs })
  }

  clear(): void {
    this.#entries.clear()
  }

  #sweep(nowMs: number): void {
    this.#sweptMs = nowMs
    for (const [tail, { untilMs }] of this.#entries) {
      if (nowMs >= untilMs) this.#entries.delete(tail)
    }
  }
}

/**
 * Freezes a value and all that it contains, because a shared result must not change. Claims nest at
 * most 64 levels, so that recursion is safe.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const name in value) deepFreeze(value[name])
  }
  return value
}
