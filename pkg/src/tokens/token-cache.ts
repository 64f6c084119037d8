import { PortcullisError } from '../core/errors.js'

/** An answer, and from when until when it is the one. */
export interface CacheEntry<Result> {
  result: Result
  fromMs: number
  untilMs: number
}

interface KeyedEntry<Result> extends CacheEntry<Result> {
  token: string
}

/**
 * An entry is found by the end of its token, which is the end of a signature, and counts if the
 * whole token is the same: to hash a whole one took half a microsecond, the longest part of a
 * look-up.
 */
const TAIL_CHARACTERS = 22

const DEFAULT_SIZE = 1000
const MAX_SIZE = 100_000

/** A cache of the size that the application wants, or none. */
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

/** How often what has ended is dropped, in milliseconds. */
const SWEEP_MS = 60_000

/**
 * Verified tokens, by the whole token: a token string is no identity, but equal strings under one
 * set of keys and one policy have one answer, from a moment until a moment. Bounded; the oldest
 * goes first.
 */
export class TokenCache<Result> {
  readonly #entries = new Map<string, KeyedEntry<Result>>()
  /** How many it keeps. */
  readonly max: number
  #sweptMs = 0

  constructor(max: number) {
    this.max = max
  }

  /** The answer that a verification would give at this time. */
  get(token: string, nowMs: number): Result | undefined {
    return this.entry(token, nowMs)?.result
  }

  /** The same, with its time. */
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
 * All the way down: a shared answer must not be changed by one who has it. Claims nest at most 64
 * deep.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const name in value) deepFreeze(value[name])
  }
  return value
}
