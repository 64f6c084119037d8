/**
 * The conformance suite for stores. Its cases throw errors, so any test runner can run them, and
 * each error says in a sentence which rule an adapter breaks. `portcullis/testing/stores` does not
 * load the core.
 */
import { PortcullisError } from '../../core/errors.js'
import type { Store } from '../../stores/types.js'
import { basicOperations } from './basic-operations.js'
import { bytes } from './bytes.js'
import { contention } from './contention.js'
import { expiry } from './expiry.js'
import { keys } from './keys.js'
import { revisions } from './revisions.js'
import { type Rule, type Settings, StoreUnderTest } from './store-under-test.js'
import { unreachableRule } from './unreachable.js'

/** The options of `storeConformance`. */
export interface StoreConformanceOptions {
  /**
   * Opens the store to be tested. It is called once for each case. It may open the same database
   * each time, and the database may hold other data: each case uses new random keys in the form of
   * those of portcullis.
   */
  open: () => Store | Promise<Store>
  /**
   * Closes the store that `open` returned. It is called after each case, whether it passed or
   * failed.
   */
  close?: (store: Store) => unknown
  /**
   * Opens a second connection to the same data, as another process has it. Reads then use this
   * connection and swaps use both in turn, which reveals faults of caches and locks. Default: one
   * connection.
   */
  another?: (store: Store) => Store | Promise<Store>
  /**
   * Opens a store whose engine cannot be reached or never responds: both methods must then throw.
   * Default: not tested.
   */
  unreachable?: () => Store | Promise<Store>
  /**
   * The longest time in which a call of an unreachable store must throw, in milliseconds. Default
   * 3000, range 1 to 600000.
   */
  withinMs?: number
  /** The number of rounds of 64 concurrent swaps. Default 8, range 1 to 100000. */
  rounds?: number
  /** The number of keys in the case with many keys. Default 1000, range 1 to 1000000. */
  count?: number
  /**
   * The size of the largest value, in bytes. Default 65536, the limit of a subject record; range
   * 256 to 131072.
   */
  largestBytes?: number
  /**
   * The time until expiry in the cases that wait for it, in milliseconds; a case waits for up to
   * twice that. Default 1000, range 20 to 600000. An engine that counts in seconds needs about
   * 3000.
   */
  lifeMs?: number
}

/**
 * One case of the suite. It fails by throwing an `Error` whose message is a sentence. Cases are
 * independent and may run concurrently.
 */
export interface StoreConformanceCase {
  /** The rule that the case tests, as a title for the test runner. */
  readonly name: string
  /** Runs the case. The promise rejects if the store breaks the rule. */
  readonly run: () => Promise<void>
}

const RANGES = {
  withinMs: [3000, 1, 600_000],
  rounds: [8, 1, 100_000],
  count: [1000, 1, 1_000_000],
  largestBytes: [65_536, 256, 131_072],
  lifeMs: [1000, 20, 600_000],
} as const

/**
 * Returns the cases that test whether an adapter keeps the contract of {@link Store}. To run them
 * with node:test, vitest or bun:test:
 *
 * @example
 *
 * ```js
 * for (const { name, run } of storeConformance({ open: () => myStore() })) test(name, run)
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an option out of its range
 */
export function storeConformance(options: StoreConformanceOptions): StoreConformanceCase[] {
  const settings = checkOptions(options)
  const rules = [...basicOperations, ...revisions, ...contention, ...bytes, ...keys, ...expiry]
  const cases = rules.map((rule) => ({
    name: rule.name,
    run: () => runOnStore(options, settings, rule),
  }))
  const { unreachable: open } = options
  return open === undefined
    ? cases
    : [...cases, {
      name: unreachableRule.name,
      run: async () => unreachableRule.run(await open(), settings.withinMs),
    }]
}

async function runOnStore(
  { open, close, another }: StoreConformanceOptions,
  settings: Settings,
  { run }: Rule,
): Promise<void> {
  const store = await open()
  try {
    await run(
      new StoreUnderTest(store, another === undefined ? store : await another(store), settings),
    )
  } finally {
    await close?.(store)
  }
}

function checkOptions(options: StoreConformanceOptions): Settings {
  if (typeof options?.open !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Invalid option open of storeConformance: pass a function that returns the store to test.',
    )
  }
  const settings: { [name: string]: number } = {}
  for (const [name, [usual, least, most]] of Object.entries(RANGES)) {
    const value = options[name as keyof typeof RANGES] ?? usual
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new PortcullisError(
        'ERR_CONFIG',
        `Invalid ${name}: pass a whole number from ${least} to ${most}.`,
      )
    }
    settings[name] = value
  }
  return settings as unknown as Settings
}
