/** Work that outlives the response. Each runtime has its own way, or none. */
import { PortcullisError } from './errors.js'

type KeepGoing = (promise: Promise<unknown>) => void

let ofRuntime: KeepGoing | undefined

/** Says how this runtime does it: called by its entry. */
export function provideBackground(keepGoing: KeepGoing): void {
  ofRuntime ??= keepGoing
}

let warned = false

/**
 * The host's way, or the runtime's. Without any, what wants to be done later is not done, and that
 * is said once.
 */
export function backgroundOf(waitUntil: KeepGoing | undefined): KeepGoing | undefined {
  if (waitUntil !== undefined && typeof waitUntil !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'waitUntil must be a function that takes a promise, such as (promise) => context.waitUntil(promise).',
    )
  }
  const keepGoing = waitUntil ?? ofRuntime
  if (keepGoing === undefined && !warned) {
    warned = true
    console.warn(
      'portcullis: first uses of new tokens are not written down here, because there is no waitUntil. A client that lost an answer is signed out if it comes back later than policy.retrySeconds.',
    )
  }
  return keepGoing
}

/**
 * How many first uses an instance remembers; then it forgets them all, and writes some of them down
 * again.
 */
const REMEMBERED_MAX = 10_000

/** Writes the first use of every generation down, once in an instance. */
export class Confirmations {
  readonly #keepGoing: KeepGoing
  readonly #confirm: (sessionId: string, generation: number) => Promise<unknown>
  readonly #known = new Map<string, number>()

  constructor(
    keepGoing: KeepGoing,
    confirm: (sessionId: string, generation: number) => Promise<unknown>,
  ) {
    this.#keepGoing = keepGoing
    this.#confirm = confirm
  }

  /** Off the request's path. What fails is tried again at the next use. */
  feed(sessionId: string, generation: number): void {
    if ((this.#known.get(sessionId) ?? -1) >= generation) return
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear()
    this.#known.set(sessionId, generation)
    const confirmed = Promise.resolve().then(() => this.#confirm(sessionId, generation))
    this.#keepGoing(confirmed.catch(() => this.#known.delete(sessionId)))
  }
}
