/**
 * Wrappers that add behaviour to a store. They can be combined, keep the capabilities of the inner
 * store, and return its results unchanged. The usual order, outermost first:
 *
 * ```js
 * withMetrics(withRetry(withTimeout(withPrefix(store, 'app1_'), 500)), record)
 * ```
 */
import { PortcullisError } from '../core/errors.js'
import { assertStore } from './checked-store.js'
import type { Store } from './types.js'

/** The longest delay of a timer, in milliseconds. A timer with a longer delay fires at once. */
const MAX_TIMER_MS = 2_147_483_647

/**
 * Limits the time that a call may take: after `ms` milliseconds (1 to 2147483647) it throws
 * `ERR_STORE_UNAVAILABLE`. The operation itself is not undone: a swap may still succeed afterwards,
 * and portcullis finds that at the next read. A store that returns without a promise never times
 * out.
 *
 * @example
 *
 * ```js
 * const store = withTimeout(redisStore(client), 500)
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function withTimeout(store: Store, ms: number): Store {
  checkRange('ms', ms, 1, MAX_TIMER_MS)
  return wrapStore(store, {
    get: (key) => runWithTimeout('get', ms, () => store.get(key)),
    swap: (key, revision, write) =>
      runWithTimeout('swap', ms, () => store.swap(key, revision, write)),
  })
}

/** The options of `withRetry`. */
export interface RetryOptions {
  /** The maximum number of attempts, including the first. Default 3, range 1 to 10. */
  attempts?: number
  /**
   * The longest pause before the second attempt, in milliseconds. It doubles with each further
   * attempt, and the actual pause is a random part of it. Default 50, range 0 to 10000.
   */
  delayMs?: number
}

/**
 * Repeats a call that threw an error, as far as that is safe. If all attempts fail, the last error
 * is thrown.
 *
 * A `get` is always repeated safely. A `swap` that threw may have succeeded with only its response
 * lost. A swap names a revision, so at most one attempt succeeds (unless another program deletes
 * the key in between, which portcullis never does): a repetition that returns `true` is correct. A
 * repetition that returns `false` may have conflicted with the first attempt itself, so it does not
 * prove that nothing changed. The error of the first attempt is then thrown, as without this
 * wrapper. Otherwise portcullis would decide a second time, and `sessions.update` would change the
 * data twice.
 *
 * @example
 *
 * ```js
 * const store = withRetry(withTimeout(redisStore(client), 500), { attempts: 2 })
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function withRetry(store: Store, { attempts = 3, delayMs = 50 }: RetryOptions = {}): Store {
  checkRange('attempts', attempts, 1, 10)
  checkRange('delayMs', delayMs, 0, 10_000)
  return wrapStore(store, {
    get: (key) => runWithRetry(attempts, delayMs, () => store.get(key)),
    async swap(key, revision, write) {
      let firstFailure: { error: unknown } | undefined
      const swapped = await runWithRetry(attempts, delayMs, async () => {
        try {
          return await store.swap(key, revision, write)
        } catch (error) {
          firstFailure ??= { error }
          throw error
        }
      })
      if (!swapped && firstFailure !== undefined) throw firstFailure.error
      return swapped
    },
  })
}

/** A measurement of one call. It contains no key and no value. */
export interface StoreMetric {
  /** The method that was called. */
  verb: 'get' | 'swap'
  /**
   * The duration in milliseconds, by the clock of the runtime. On Workers that clock advances only
   * at I/O.
   */
  ms: number
  /**
   * The outcome. `get`: found or missing. `swap`: written, or rejected because the revision had
   * changed. Both: failed, which means that the call threw an error.
   */
  outcome: 'found' | 'missing' | 'landed' | 'lost' | 'failed'
  /** The error that was thrown, if the call failed. */
  error?: unknown
}

/**
 * Calls `hook` after every call of the store. Errors and rejections of the hook are ignored, and
 * nothing waits for its promise. A conflict of a swap is not a failure: another write came first.
 *
 * @example
 *
 * ```js
 * const store = withMetrics(redisStore(client), (metric) => console.log(metric))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function withMetrics(store: Store, hook: (metric: StoreMetric) => unknown): Store {
  if (typeof hook !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Invalid hook of withMetrics: pass a function.',
    )
  }
  return wrapStore(store, {
    get: (key) =>
      runWithMetrics(
        hook,
        'get',
        (entry) => (entry === null ? 'missing' : 'found'),
        () => store.get(key),
      ),
    swap: (key, revision, write) =>
      runWithMetrics(
        hook,
        'swap',
        (landed) => (landed ? 'landed' : 'lost'),
        () => store.swap(key, revision, write),
      ),
  })
}

/**
 * Adds `prefix` to every key, so that several sites can share a store. The prefix has 1 to 64
 * letters, digits and `- _ . : /`. No prefix of a site may begin with that of another: use
 * `app_us_` and `app_eu_`, not `app_` and `app_eu_`.
 *
 * @example
 *
 * ```js
 * const store = withPrefix(redisStore(client), 'app_eu_')
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function withPrefix(store: Store, prefix: string): Store {
  if (typeof prefix !== 'string' || !/^[\w.:/-]{1,64}$/.test(prefix)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Invalid prefix: pass 1 to 64 letters, digits and - _ . : / characters.',
    )
  }
  return wrapStore(store, {
    get: (key) => store.get(prefix + key),
    swap: (key, revision, write) => store.swap(prefix + key, revision, write),
  })
}

/**
 * Returns the methods with the capabilities of the inner store, so that a wrapper does not hide a
 * store without compare-and-swap.
 */
function wrapStore(store: Store, verbs: Pick<Store, 'get' | 'swap'>): Store {
  assertStore(store)
  return store.capabilities === undefined ? verbs : { ...verbs, capabilities: store.capabilities }
}

function runWithTimeout<T>(verb: string, ms: number, call: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void =>
      reject(
        new PortcullisError(
          'ERR_STORE_UNAVAILABLE',
          `The store did not complete ${verb} within ${ms} ms: retry shortly.`,
        ),
      )
    const timer = setTimeout(late, ms)
    const done = new Promise<T>((answer) => answer(call()))
    done.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}

async function runWithRetry<T>(
  attempts: number,
  delayMs: number,
  call: () => T | Promise<T>,
): Promise<T> {
  for (let attemptNumber = 1;; attemptNumber += 1) {
    try {
      return await call()
    } catch (error) {
      if (attemptNumber >= attempts) throw error
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.random() * delayMs * 2 ** (attemptNumber - 1))
    )
  }
}

async function runWithMetrics<T>(
  hook: (metric: StoreMetric) => unknown,
  verb: 'get' | 'swap',
  outcome: (answer: T) => StoreMetric['outcome'],
  call: () => T | Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  const report = (metric: Pick<StoreMetric, 'outcome' | 'error'>): void => {
    // A promise catches both a thrown error and a rejection of the hook; nothing waits for it.
    void new Promise((resolve) =>
      resolve(hook({ verb, ms: performance.now() - startedAt, ...metric }))
    ).catch(() => {})
  }
  try {
    const answer = await call()
    report({ outcome: outcome(answer) })
    return answer
  } catch (error) {
    report({ outcome: 'failed', error })
    throw error
  }
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new PortcullisError(
      'ERR_CONFIG',
      `Invalid ${name}: pass a whole number from ${least} to ${most}.`,
    )
  }
}
