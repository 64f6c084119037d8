/**
 * Remembers which generation of each session an instance has recorded as used. The table has a
 * fixed size, and a session that finds no room replaces one other session. So an instance that
 * serves more sessions than fit records some first uses again, instead of forgetting all at once.
 */
import { PortcullisError } from '../core/errors.js'

const DEFAULT_SIZE = 65_536
const MIN_SIZE = 1024
const MAX_SIZE = 4_194_304
/** A session may stand at any of these places of its set, so that few sessions compete for room. */
const SET_SIZE = 16
/** Two words that identify the session, and its generation plus one. */
const WORDS = 3
/** Session IDs end with the random part: these characters hold 128 random bits. */
const HASHED_CHARACTERS = 22

export class FirstUseTable {
  readonly #words: Uint32Array
  readonly #lastSet: number
  #replacements = 0
  #first = 0
  #second = 0

  /** `size` is the number of sessions, rounded up to a power of two. */
  constructor(size: number = DEFAULT_SIZE) {
    if (!(Number.isInteger(size) && size >= MIN_SIZE && size <= MAX_SIZE)) {
      throw new PortcullisError(
        'ERR_CONFIG',
        `firstUseCacheSize must be a whole number from ${MIN_SIZE} to ${MAX_SIZE}.`,
      )
    }
    const places = 2 ** Math.ceil(Math.log2(size))
    this.#words = new Uint32Array(places * WORDS)
    this.#lastSet = places / SET_SIZE - 1
  }

  /** Whether this generation of the session, or a later one, was added. */
  has(sessionId: string, generation: number): boolean {
    const place = this.#find(sessionId)
    return place !== undefined && (this.#words[place + 2] ?? 0) > generation
  }

  add(sessionId: string, generation: number): void {
    const place = this.#find(sessionId) ?? this.#findRoom()
    this.#words[place] = this.#first
    this.#words[place + 1] = this.#second
    this.#words[place + 2] = generation + 1
  }

  delete(sessionId: string): void {
    const place = this.#find(sessionId)
    if (place !== undefined) this.#words[place + 2] = 0
  }

  #find(sessionId: string): number | undefined {
    this.#hash(sessionId)
    const start = this.#setStart()
    for (let place = start; place < start + SET_SIZE * WORDS; place += WORDS) {
      if (
        this.#words[place] === this.#first
        && this.#words[place + 1] === this.#second
        && this.#words[place + 2] !== 0
      ) return place
    }
    return undefined
  }

  /** An empty place of the set, or else the place of a session that is replaced. */
  #findRoom(): number {
    const start = this.#setStart()
    for (let place = start; place < start + SET_SIZE * WORDS; place += WORDS) {
      if (this.#words[place + 2] === 0) return place
    }
    this.#replacements += 1
    return start + ((this.#second ^ this.#replacements) & (SET_SIZE - 1)) * WORDS
  }

  #setStart(): number {
    return (this.#first & this.#lastSet) * SET_SIZE * WORDS
  }

  #hash(sessionId: string): void {
    let first = 0
    let second = 0
    for (let n = Math.max(0, sessionId.length - HASHED_CHARACTERS); n < sessionId.length; n += 1) {
      const code = sessionId.charCodeAt(n)
      first = Math.imul(first ^ code, 0x01000193)
      second = Math.imul(second, 31) + code
    }
    this.#first = (first ^ (first >>> 15)) >>> 0
    this.#second = second >>> 0
  }
}
