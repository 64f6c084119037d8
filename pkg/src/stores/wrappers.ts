/**
 * Stores around stores. They compose, keep what the inner store can do, and keep the contract: an
 * answer that passes through is the inner store's own. Outermost first, this is usually wanted:
 *
 * ```js
 * withMetrics(withRetry(withTimeout(withPrefix(store, 'app1_'), 500)), record)
 * ```
 */
import { PortcullisError } from '../core/errors.js'
import { assertStore } from './checked-store.js'
import type { Store } from './types.js'

/** The longest delay that timers keep: beyond it they fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/**
 * Gives up on a call after `ms` milliseconds (1 to 2147483647): it then throws
 * `ERR_STORE_UNAVAILABLE`. What the store does afterwards is not undone: a swap that was given up
 * may still land, and portcullis finds it at the next read. A store that answers without a promise
 * is never too late.
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

/** What `withRetry` takes. */
export interface RetryOptions {
  /** How often a call is made at most, the first time included. Default 3, range 1 to 10. */
  attempts?: number
  /**
   * The longest pause before the second attempt, in milliseconds; it doubles with every further
   * one, and a random part of it is waited. Default 50, range 0 to 10000.
   */
  delayMs?: number
}

/**
 * Makes a call that threw again, as far as that is safe; the last error is thrown.
 *
 * A `get` always is. A `swap` that threw may have landed, and only its answer may have been lost.
 * It names a revision, so of all attempts one lands at most (unless somebody deletes in between,
 * which portcullis never does), and a repeat that answers `true` is true. A repeat that answers
 * `false` is not believed: it may have met the very write of the first attempt, and "nothing was
 * changed" would be a lie on which portcullis would decide a second time (`sessions.update` would
 * change the data twice). The first attempt's error is thrown then, as it would be without this
 * wrapper.
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

/** What a call came to. Holds no key and no value. */
export interface StoreMetric {
  verb: 'get' | 'swap'
  /**
   * How long it took, in milliseconds, by the runtime's own clock. (On Workers that stands still
   * but for I/O.)
   */
  ms: number
  /** `get`: found or missing. `swap`: landed or lost. Either: failed, which means that it threw. */
  outcome: 'found' | 'missing' | 'landed' | 'lost' | 'failed'
  /** What it threw, where it failed. */
  error?: unknown
}

/**
 * Tells `hook` of every call when it is over. What the hook throws, or rejects with, breaks
 * nothing, and nothing waits for it. A swap that is lost is no failure: another one was first.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function withMetrics(store: Store, hook: (metric: StoreMetric) => unknown): Store {
  if (typeof hook !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'withMetrics needs a function to tell: withMetrics(store, ({ verb, ms, outcome }) => ...).',
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
 * Puts `prefix` before every key, so that several sites share a store: 1 to 64 characters, letters,
 * digits and `- _ . : /`. No site's prefix may begin with another's: `app_` and `app_eu_` would not
 * do, `app_us_` and `app_eu_` do.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_STORE_NEEDS_SWAP`
 */
export function withPrefix(store: Store, prefix: string): Store {
  if (typeof prefix !== 'string' || !/^[\w.:/-]{1,64}$/.test(prefix)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'prefix must be 1 to 64 letters, digits and - _ . : / characters.',
    )
  }
  return wrapStore(store, {
    get: (key) => store.get(prefix + key),
    swap: (key, revision, write) => store.swap(prefix + key, revision, write),
  })
}

/**
 * The verbs, with what the inner store says of itself. A store that cannot swap must not look as if
 * it could.
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
          `The store did not answer ${verb} within ${ms} ms: try again in a moment.`,
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
    // A promise takes in what the hook throws and what it rejects with alike; nobody waits for it.
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
      `${name} must be a whole number from ${least} to ${most}.`,
    )
  }
}
