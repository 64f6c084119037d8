/** Work that outlives the response. Each runtime has its own way, or none. */
import { PortcullisError } from '../core/errors.js'

type WaitUntil = (promise: Promise<unknown>) => void

let runtimeWaitUntil: WaitUntil | undefined

/** Says how this runtime does it: called by its entry. */
export function setRuntimeWaitUntil(waitUntil: WaitUntil): void {
  runtimeWaitUntil ??= waitUntil
}

let hasWarned = false

/**
 * The host's way, or the runtime's. Without any, what wants to be done later is not done, and that
 * is said once.
 */
export function resolveWaitUntil(waitUntil: WaitUntil | undefined): WaitUntil | undefined {
  if (waitUntil !== undefined && typeof waitUntil !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'waitUntil must be a function that takes a promise, such as (promise) => context.waitUntil(promise).',
    )
  }
  const resolved = waitUntil ?? runtimeWaitUntil
  if (resolved === undefined && !hasWarned) {
    hasWarned = true
    console.warn(
      'portcullis: first uses of new tokens are not written down here, because there is no waitUntil. A client that lost an answer is signed out if it comes back later than policy.retrySeconds.',
    )
  }
  return resolved
}

/**
 * How many first uses an instance remembers; then it forgets them all, and writes some of them down
 * again.
 */
const MAX_RECORDED = 10_000

/** Writes the first use of every generation down, once in an instance. */
export class FirstUseRecorder {
  readonly #waitUntil: WaitUntil
  readonly #confirm: (sessionId: string, generation: number) => Promise<unknown>
  readonly #recorded = new Map<string, number>()

  constructor(
    waitUntil: WaitUntil,
    confirm: (sessionId: string, generation: number) => Promise<unknown>,
  ) {
    this.#waitUntil = waitUntil
    this.#confirm = confirm
  }

  /** Off the request's path. What fails is tried again at the next use. */
  record(sessionId: string, generation: number): void {
    if ((this.#recorded.get(sessionId) ?? -1) >= generation) return
    if (this.#recorded.size >= MAX_RECORDED) this.#recorded.clear()
    this.#recorded.set(sessionId, generation)
    const recording = Promise.resolve().then(() => this.#confirm(sessionId, generation))
    this.#waitUntil(recording.catch(() => this.#recorded.delete(sessionId)))
  }
}
