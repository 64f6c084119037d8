import { call } from './core.js'
import { PortcullisError } from './errors.js'
import type { SessionEvent } from './types.js'

/**
 * What the host brings besides the store: the time, and randomness. Neither is touched before it is
 * needed.
 */
export class Host {
  readonly #clock: () => number
  readonly #entropy: ((length: number) => Uint8Array) | undefined
  readonly #onEvent: ((event: SessionEvent) => unknown) | undefined
  #lastDraw = ''

  constructor(
    clock: (() => number) | undefined,
    entropy: ((length: number) => Uint8Array) | undefined,
    onEvent?: (event: SessionEvent) => unknown,
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

  /** Milliseconds since 1970. The core refuses what is no time. */
  now(): number {
    let now: unknown
    try {
      now = this.#clock()
    } catch (cause) {
      throw new PortcullisError(
        'ERR_CLOCK',
        'The clock threw: it must return milliseconds since 1970.',
        { cause },
      )
    }
    return typeof now === 'number' ? now : Number.NaN
  }

  /** Exactly `length` bytes that were never drawn before. Never falls back to a weaker source. */
  draw(length: number): Uint8Array {
    const bytes = this.#entropy === undefined
      ? call((core) => core.randomBytes(length))
      : this.#fromHost(this.#entropy, length)
    const draw = String(bytes.subarray(0, 16))
    if (draw === this.#lastDraw) throw failed('gave the same bytes twice')
    this.#lastDraw = draw
    return bytes
  }

  /** What happened, once it is true. A hook that fails breaks nothing. */
  tell(events: SessionEvent[]): void {
    const hook = this.#onEvent
    if (hook === undefined) return
    for (const event of events) {
      try {
        Promise.resolve(hook(event)).catch(() => undefined)
      } catch {
        // The application's log is the application's business.
      }
    }
  }

  #fromHost(entropy: (length: number) => Uint8Array, length: number): Uint8Array {
    let bytes: unknown
    try {
      bytes = entropy(length)
    } catch (cause) {
      throw failed('threw', cause)
    }
    if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
      throw failed(`must give a Uint8Array of ${length} bytes when asked for ${length}`)
    }
    return bytes
  }
}

function failed(how: string, cause?: unknown): PortcullisError {
  return new PortcullisError(
    'ERR_ENTROPY',
    `The source of randomness ${how}, so nothing was issued.`,
    { cause },
  )
}

const hosts = new WeakMap<object, Host>()
const runtime = {}

/**
 * One host for each source of randomness: it remembers the last draw, and so notices a source that
 * repeats itself.
 */
export function hostOf(entropy: ((length: number) => Uint8Array) | undefined): Host {
  const source = typeof entropy === 'function' ? entropy : runtime
  const host = hosts.get(source) ?? new Host(undefined, entropy)
  hosts.set(source, host)
  return host
}
