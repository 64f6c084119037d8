import { PortcullisError } from './errors.js'
import type { Entropy } from './types.js'
import { callCore } from './wasm.js'

/**
 * The services of the host besides the store: time, randomness and events. The clock and the random
 * source are not used before a call needs them.
 */
export class HostServices<Event = never> {
  readonly #clock: () => number
  readonly #entropy: Entropy | undefined
  readonly #onEvent: ((event: Event) => unknown) | undefined
  #lastBytes = ''

  constructor(
    clock: (() => number) | undefined,
    entropy: Entropy | undefined,
    onEvent?: (event: Event) => unknown,
  ) {
    if (onEvent !== undefined && typeof onEvent !== 'function') {
      throw new PortcullisError('ERR_CONFIG', 'onEvent must be a function that takes an event.')
    }
    this.#onEvent = onEvent
    if (clock !== undefined && typeof clock !== 'function') {
      throw new PortcullisError(
        'ERR_CONFIG',
        'clock must be a function that gives milliseconds since 1970.',
      )
    }
    if (entropy !== undefined && typeof entropy !== 'function') {
      throw new PortcullisError('ERR_CONFIG', 'entropy must be a function that gives random bytes.')
    }
    this.#clock = clock ?? Date.now
    this.#entropy = entropy
  }

  /** Gives the time in milliseconds since 1970, or NaN, which the core rejects. */
  now(): number {
    let now: unknown
    try {
      now = this.#clock()
    } catch (cause) {
      throw new PortcullisError(
        'ERR_CLOCK',
        'The clock threw an error: return milliseconds since 1970.',
        { cause },
      )
    }
    return typeof now === 'number' ? now : Number.NaN
  }

  /**
   * Draws exactly `length` random bytes. Never falls back to a weaker source.
   *
   * @throws PortcullisError `ERR_ENTROPY` where the source throws, gives another number of bytes,
   * or gives the same bytes twice in a row
   */
  drawRandom(length: number): Uint8Array {
    const bytes = this.#entropy === undefined
      ? callCore((core) => core.randomBytes(length))
      : this.#fromHost(this.#entropy, length)
    const head = String(bytes.subarray(0, 16))
    if (head === this.#lastBytes) throw entropyError('gave the same bytes twice')
    this.#lastBytes = head
    return bytes
  }

  /**
   * Passes events to `onEvent`. Call this only after the write of the events has succeeded. What
   * the hook throws is ignored.
   */
  emitEvents(events: Event[]): void {
    const hook = this.#onEvent
    if (hook === undefined) return
    for (const event of events) {
      try {
        Promise.resolve(hook(event)).catch(() => undefined)
      } catch {
        // A failing hook must not change the outcome of an operation that has already been written.
      }
    }
  }

  #fromHost(entropy: Entropy, length: number): Uint8Array {
    let bytes: unknown
    try {
      bytes = entropy(length)
    } catch (cause) {
      throw entropyError('threw', cause)
    }
    if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
      throw entropyError(`must give a Uint8Array of ${length} bytes when asked for ${length}`)
    }
    return bytes
  }
}

function entropyError(how: string, cause?: unknown): PortcullisError {
  return new PortcullisError(
    'ERR_ENTROPY',
    `The random source ${how}: nothing was issued.`,
    { cause },
  )
}

const hostsBySource = new WeakMap<object, HostServices>()
const runtimeSource = {}

/**
 * Gives the one `HostServices` of a random source, which remembers the last bytes and so notices a
 * source that repeats itself.
 */
export function hostFor(entropy: Entropy | undefined): HostServices {
  const source = typeof entropy === 'function' ? entropy : runtimeSource
  const host = hostsBySource.get(source) ?? new HostServices(undefined, entropy)
  hostsBySource.set(source, host)
  return host
}
