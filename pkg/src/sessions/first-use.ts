/**
 * Records first uses of refresh token generations, after the response where the runtime allows it.
 */
import { PortcullisError } from '../core/errors.js'

type WaitUntil = (promise: Promise<unknown>) => void

let runtimeWaitUntil: WaitUntil | undefined

/** Sets how this runtime continues work after a response. Each entry calls this at most once. */
export function setRuntimeWaitUntil(waitUntil: WaitUntil): void {
  runtimeWaitUntil ??= waitUntil
}

let hasWarned = false

/**
 * Gives the `waitUntil` of the application or else of the runtime. Where there is none, first uses
 * are not recorded; a warning says so once.
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
      'portcullis: No waitUntil: first use of new tokens is not recorded, so a lost response must be retried within policy.retrySeconds.',
    )
  }
  return resolved
}

/**
 * The limit of generations that an instance remembers as recorded. At the limit all are forgotten,
 * so that some are recorded again, which does no harm.
 */
const MAX_RECORDED = 10_000

/** Records the first use of each generation, once in an instance. */
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

  /** Records in the background. After a failure the next use tries again. */
  record(sessionId: string, generation: number): void {
    if ((this.#recorded.get(sessionId) ?? -1) >= generation) return
    if (this.#recorded.size >= MAX_RECORDED) this.#recorded.clear()
    this.#recorded.set(sessionId, generation)
    const recording = Promise.resolve().then(() => this.#confirm(sessionId, generation))
    this.#waitUntil(recording.catch(() => this.#recorded.delete(sessionId)))
  }
}
