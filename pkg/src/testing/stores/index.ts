/**
 * The conformance suite for stores: cases that throw, so that any test runner can run them, and
 * that say in a sentence what an adapter breaks. Needs nothing of the core:
 * `portcullis/testing/stores` can be imported without it.
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

/** What `storeConformance` takes. */
export interface StoreConformanceOptions {
  /**
   * Opens the store to be tested; called once a case. It may open the same database every time, and
   * that may hold other things: every case makes up keys of its own, such as portcullis makes.
   */
  open: () => Store | Promise<Store>
  /** Called with what `open` gave when its case is over, however it ended. */
  close?: (store: Store) => unknown
  /**
   * Opens another way to the same data, as another process has it: a second connection, a second
   * client. Reads then go there, and swaps to both by turns, so that caches and locks are seen.
   * Default: there is one way only.
   */
  another?: (store: Store) => Store | Promise<Store>
  /**
   * Opens a store whose engine cannot be reached, or never answers: both verbs must then throw.
   * Default: not tested.
   */
  unreachable?: () => Store | Promise<Store>
  /**
   * How long an engine that cannot be reached may be waited for, in milliseconds. Default 3000,
   * range 1 to 600000.
   */
  withinMs?: number
  /** How many rounds of 64 swaps at once there are. Default 8, range 1 to 100000. */
  rounds?: number
  /** How many keys the case of many keys makes. Default 1000, range 1 to 1000000. */
  count?: number
  /**
   * The size of the largest value, in bytes. Default 65536: portcullis keeps its records below
   * that. Range 256 to 131072.
   */
  largestBytes?: number
  /**
   * How far ahead the deadlines are that are waited for, in milliseconds; a case waits for up to
   * twice that. Default 1000, range 20 to 600000. An engine that counts in seconds needs 3000 or
   * so.
   */
  lifeMs?: number
}

/**
 * One case: fails by throwing an `Error` whose message is a sentence. Cases do not depend on each
 * other, and may run at once.
 */
export interface StoreConformanceCase {
  readonly name: string
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
 * The cases that tell whether an adapter keeps the contract of {@link Store}. To run them with
 * node:test, vitest or bun:test:
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
      'storeConformance needs open, a function that gives the store to be tested: storeConformance({ open: () => myStore() }).',
    )
  }
  const settings: { [name: string]: number } = {}
  for (const [name, [usual, least, most]] of Object.entries(RANGES)) {
    const value = options[name as keyof typeof RANGES] ?? usual
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new PortcullisError(
        'ERR_CONFIG',
        `${name} must be a whole number from ${least} to ${most}.`,
      )
    }
    settings[name] = value
  }
  return settings as unknown as Settings
}
