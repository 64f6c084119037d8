/**
 * Records first uses of refresh token generations, after the response where the runtime allows it.
 */
import { PortcullisError } from '../core/errors.js'
import { FirstUseTable } from './first-use-table.js'

type WaitUntil = (promise: Promise<unknown>) => void

let runtimeWaitUntil: WaitUntil | undefined

/** Sets how this runtime continues work after a response. Each entry calls this at most once. */
export function setRuntimeWaitUntil(waitUntil: WaitUntil): void {
  runtimeWaitUntil ??= waitUntil
}

let hasWarned = false
let hasWarnedOfError = false

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
      'portcullis: No waitUntil: first use of new tokens is not recorded, so a lost response must be retried within policy.lostResponseSeconds.',
    )
  }
  return resolved
}

/** Records the first use of each generation, once in an instance. */
export class FirstUseRecorder {
  readonly #waitUntil: WaitUntil
  readonly #confirm: (sessionId: string, generation: number) => Promise<unknown>
  readonly #recorded: FirstUseTable

  /** `size` is the option `firstUseCacheSize`. */
  constructor(
    waitUntil: WaitUntil,
    confirm: (sessionId: string, generation: number) => Promise<unknown>,
    size: number | undefined,
  ) {
    this.#waitUntil = waitUntil
    this.#confirm = confirm
    this.#recorded = new FirstUseTable(size)
  }

  /** Records in the background. After a failure the next use tries again. */
  record(sessionId: string, generation: number): void {
    if (this.#recorded.has(sessionId, generation)) return
    this.#recorded.add(sessionId, generation)
    const recording = Promise.resolve().then(() => this.#confirm(sessionId, generation))
    this.#continue(recording.catch(() => this.#recorded.delete(sessionId)))
  }

  /**
   * Continues the promise after the response. A `waitUntil` that throws, such as a method without
   * its object, must not fail a request whose access token is valid.
   */
  #continue(recording: Promise<unknown>): void {
    try {
      this.#waitUntil(recording)
    } catch (error) {
      if (hasWarnedOfError) return
      hasWarnedOfError = true
      console.warn(
        'portcullis: waitUntil threw, so that first uses may not be recorded: pass a function such as (promise) => context.waitUntil(promise).',
        error,
      )
    }
  }
}
