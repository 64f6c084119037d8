import type { Store, StoreEntry, StoreWrite } from '../../stores/types.js'

/** The numeric options with their defaults filled in. */
export interface Settings {
  readonly withinMs: number
  readonly rounds: number
  readonly count: number
  readonly largestBytes: number
  readonly lifeMs: number
}

/** One rule of the contract and its test. */
export interface Rule {
  readonly name: string
  readonly run: (subject: StoreUnderTest) => Promise<void>
}

const DAY_MS = 86_400_000

/**
 * Throws an error that says in one sentence what was called, what the store returned, and what the
 * contract requires.
 */
export function fail(did: string, came: string, wants: string): never {
  throw new Error(`${did} ${came}: ${wants}.`)
}

/**
 * The store under test. `get` and `swap` check the type of every result; the `expect` methods also
 * check its value.
 */
export class StoreUnderTest {
  readonly store: Store
  readonly settings: Settings
  readonly #another: Store
  #swaps = 0

  constructor(store: Store, another: Store, settings: Settings) {
    this.store = store
    this.#another = another
    this.settings = settings
  }

  /** Reads a key by the second connection. `when` completes a sentence that begins with "get". */
  async get(key: string, when: string): Promise<StoreEntry | null> {
    const entry = await withAnswerError(`get ${when}`, () => this.#another.get(key))
    if (entry === null) return null
    if (typeof entry !== 'object') {
      fail(
        `get ${when}`,
        `gave ${entry}`,
        'it must give { value, revision }, or null where there is no value',
      )
    }
    if (!(entry.value instanceof Uint8Array)) {
      fail(
        `get ${when}`,
        `gave a value that is ${describeType(entry.value)}`,
        'it must be a Uint8Array',
      )
    }
    if (typeof entry.revision !== 'string') {
      fail(
        `get ${when}`,
        `gave a revision that is ${describeType(entry.revision)}`,
        'it must be a string',
      )
    }
    return entry
  }

  /** Swaps a key. `how` completes a sentence that begins with "swap". */
  async swap(
    key: string,
    revision: string | null,
    write: StoreWrite | null,
    how: string,
  ): Promise<boolean> {
    // The two connections take turns.
    this.#swaps += 1
    const store = this.#swaps % 2 === 0 ? this.#another : this.store
    const swapped = await withAnswerError(`swap ${how}`, () => store.swap(key, revision, write))
    if (typeof swapped !== 'boolean') {
      fail(
        `swap ${how}`,
        `answered ${typeof swapped === 'string' ? `'${swapped}'` : swapped}`,
        'it must answer true or false',
      )
    }
    return swapped
  }

  /** Checks that a swap succeeds. */
  async expectSwap(
    key: string,
    revision: string | null,
    write: StoreWrite | null,
    how: string,
  ): Promise<void> {
    if (!(await this.swap(key, revision, write, how))) {
      fail(
        `swap ${how}`,
        'answered false',
        `${
          revision === null ? 'the key had no value' : "it named the key's revision"
        }, so it must ${write === null ? 'delete' : 'write'} and answer true`,
      )
    }
  }

  /** Checks that a swap conflicts and returns false. */
  async expectConflict(
    key: string,
    revision: string | null,
    write: StoreWrite | null,
    how: string,
  ): Promise<void> {
    if (await this.swap(key, revision, write, how)) {
      fail(
        `swap ${how}`,
        'answered true',
        `${
          revision === null ? 'the key had a value' : "it did not name the key's revision"
        }, so it must change nothing and answer false`,
      )
    }
  }

  /** Checks that the key has exactly these bytes, and returns the entry. */
  async expectValue(key: string, value: Uint8Array, when: string): Promise<StoreEntry> {
    const entry = await this.get(key, when)
    if (entry === null) {
      fail(
        `get ${when}`,
        'gave null',
        'it must give the last value that a swap wrote, which has neither been deleted nor expired',
      )
    }
    const difference = describeDifference(entry.value, value)
    if (difference !== null) {
      fail(
        `get ${when}`,
        `gave ${difference}`,
        'it must give the bytes of the last swap that answered true, unchanged',
      )
    }
    return entry
  }

  /** Checks that the key has no value. */
  async expectAbsent(key: string, when: string): Promise<void> {
    const entry = await this.get(key, when)
    if (entry !== null) {
      fail(
        `get ${when}`,
        `gave ${entry.value.length} bytes`,
        'it must give null, because the key has no value',
      )
    }
  }

  /** Creates a new key with a value, and returns its entry. */
  async createValue(
    value: Uint8Array = randomBytes(100),
    expiresAtMs = inDays(1),
  ): Promise<StoreEntry & { key: string }> {
    const key = freshKey()
    await this.expectSwap(key, null, { value, expiresAtMs }, 'of a new key with revision null')
    return { key, ...(await this.expectValue(key, value, 'after a swap that created the value')) }
  }
}

/**
 * Returns a random key in the form of those of portcullis: `pc1_` and 22 characters of base64url.
 */
export function freshKey(): string {
  return `pc1_${letters(22)}`
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Returns random characters of the alphabet of keys, or the whole alphabet. */
export function letters(count?: number): string {
  if (count === undefined) return ALPHABET
  return Array.from(
    crypto.getRandomValues(new Uint8Array(count)),
    (byte) => ALPHABET.charAt(byte & 63),
  ).join('')
}

/** Returns random bytes, which stand for a sealed record. */
export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  // getRandomValues fills at most 65536 bytes per call.
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  }
  return bytes
}

/** Returns the time in a number of days, in milliseconds since 1970. */
export function inDays(days: number): number {
  return Date.now() + days * DAY_MS
}

/** Returns a write of a value that expires in one day. */
export function oneDayWrite(value: Uint8Array): StoreWrite {
  return { value, expiresAtMs: inDays(1) }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Describes how two byte arrays differ; `null` if they are equal. */
export function describeDifference(found: Uint8Array, wanted: Uint8Array): string | null {
  if (found.length !== wanted.length) return `${found.length} bytes instead of ${wanted.length}`
  const at = found.findIndex((byte, n) => byte !== wanted[n])
  return at === -1
    ? null
    : `byte ${found[at]} instead of ${wanted[at]} at position ${at} of ${wanted.length}`
}

async function withAnswerError<T>(did: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw new Error(
      `${did} threw "${
        error instanceof Error ? error.message : String(error)
      }": it may throw only where the store cannot be reached, and must answer otherwise.`,
      { cause: error },
    )
  }
}

function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object'
    ? `an instance of ${value.constructor?.name ?? 'nothing'}`
    : `a ${typeof value}`
}
