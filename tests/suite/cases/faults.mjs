import { PortcullisError } from 'portcullis'
import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import { createSignedInBrowser, createTestSite, createWatchedStore } from '../support.mjs'

const clockOf = (values) => () => values[0]

/** Wrong results of a store: [words, result, code]. */
const LIES = [
  ['undefined', () => undefined, 'ERR_STORE_CONTRACT'],
  ['a value that is a string', (entry) => ({ ...entry, value: 'text' }), 'ERR_STORE_CONTRACT'],
  ['no revision', ({ value }) => ({ value }), 'ERR_STORE_CONTRACT'],
  [
    'a value of another program',
    (entry) => ({
      ...entry,
      value: new TextEncoder().encode('{"hello":"world, how are you today? fine"}'),
    }),
    'ERR_RECORD_VERSION',
  ],
  ['an empty value', (entry) => ({ ...entry, value: new Uint8Array(0) }), 'ERR_RECORD_CORRUPT'],
  [
    'a value of 20 MB',
    (entry) => ({ ...entry, value: new Uint8Array(20_000_000).fill(1) }),
    'ERR_RECORD_CORRUPT',
  ],
  [
    'half a value',
    (entry) => ({ ...entry, value: entry.value.slice(0, entry.value.length / 2) }),
    'ERR_RECORD_CORRUPT',
  ],
  [
    'one flipped bit',
    (entry) => ({ ...entry, value: entry.value.map((byte, n) => (n === 60 ? byte ^ 1 : byte)) }),
    'ERR_RECORD_CORRUPT',
  ],
  [
    'a record of a newer format',
    (entry) => ({ ...entry, value: entry.value.map((byte, n) => (n === 0 ? 2 : byte)) }),
    'ERR_RECORD_VERSION',
  ],
  [
    'a record under an unknown key',
    (entry) => ({ ...entry, value: entry.value.map((byte, n) => (n === 1 ? byte ^ 1 : byte)) }),
    'ERR_RECORD_UNKNOWN_KEY',
  ],
]

export const cases = [
  {
    name: 'every operation reads once and swaps at most once, and authenticate does neither',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, { store })
      const withCount = async (get, swap, run) => {
        Object.assign(store.calls, { get: 0, swap: 0 })
        await run()
        equal(store.calls, { get, swap }, String(run))
      }
      // The first use of a generation is recorded in the background, once.
      sessions.authenticate(browser.request())
      await new Promise((resolve) => setTimeout(resolve, 20))
      await withCount(0, 0, () => sessions.authenticate(browser.request()))
      await withCount(1, 0, () => sessions.refresh(browser.request()))
      clock.advance(31)
      await withCount(1, 1, async () => browser.keep(await sessions.refresh(browser.request())))
      await withCount(1, 0, () => sessions.list('user-1'))
      await withCount(1, 0, () => sessions.revokeAll('user-1', { except: session.id }))
      await withCount(0, 0, () => sessions.refresh(browser.request({ cookie: '' })))
      await withCount(
        0,
        0,
        () => sessions.refresh(browser.request({ headers: { 'sec-fetch-site': 'cross-site' } })),
      )
      await withCount(
        1,
        1,
        async () => browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' })),
      )
      await withCount(1, 1, () => sessions.signOut(browser.request()))
      await withCount(1, 0, () => sessions.revoke(session.id))
      await withCount(1, 0, () => sessions.revokeAll('user-1'))
      await withCount(
        1,
        1,
        () => sessions.signIn(browser.request({ cookie: '' }), { subject: 'user-1' }),
      )
      await withCount(1, 1, () => sessions.revokeAll('user-1'))
    },
  },
  {
    name: 'a store that throws is unavailable, no cookie is cleared, and the session continues',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, { store })
      clock.advance(31)
      const down = () => {
        throw new Error('connection refused')
      }
      const later = async () => {
        throw new Error('timed out')
      }
      for (
        const [verb, fault] of [['get', down], ['get', later], ['swap', down], ['swap', later]]
      ) {
        store.faults[verb] = fault
        const calls = [
          () => sessions.refresh(browser.request()),
          () => sessions.signOut(browser.request()),
          () => sessions.revoke(session.id),
          () => sessions.revokeAll('user-1'),
          () => sessions.signIn(browser.request(), { subject: 'user-1' }),
        ]
        for (const call of calls) {
          const error = await throwsCode('ERR_STORE_UNAVAILABLE', call)
          equal([error.status, error.retryAfterSeconds], [503, 1], 'status')
          ok(error.cause instanceof Error, 'the cause')
        }
        equal(
          sessions.authenticate(browser.request()).ok,
          true,
          'authenticate while the store is down',
        )
        store.faults[verb] = null
      }
      equal((await sessions.refresh(browser.request())).ok, true, 'refresh afterwards')
    },
  },
  {
    name: 'a store reports itself that a record is too large, and no retry is advised',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, clock, browser } = await createSignedInBrowser(world, { store })
      clock.advance(31)
      store.faults.swap = () => {
        throw new PortcullisError('ERR_RECORD_TOO_LARGE', 'There is no room: store less.')
      }
      for (
        const call of [
          () => sessions.refresh(browser.request()),
          () => sessions.signIn(browser.request(), { subject: 'user-1' }),
        ]
      ) {
        const error = await throwsCode('ERR_RECORD_TOO_LARGE', call)
        equal([error.status, error.retryAfterSeconds, error.message], [
          409,
          undefined,
          'There is no room: store less.',
        ], 'the error')
      }
      store.faults.swap = null
      equal((await sessions.refresh(browser.request())).ok, true, 'refresh afterwards')
    },
  },
  ...LIES.map(([words, lie, code]) => ({
    name: `a wrong result of a store is detected, and nothing is overwritten: ${words}`,
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, { store })
      clock.advance(31)
      store.faults.get = async (honest) => lie(await honest())
      store.calls.swap = 0
      for (
        const call of [
          () => sessions.refresh(browser.request()),
          () => sessions.list('user-1'),
          () => sessions.revoke(session.id),
          () => sessions.signIn(browser.request(), { subject: 'user-1' }),
        ]
      ) {
        await throwsCode(code, call)
      }
      equal(store.calls.swap, 0, 'swaps')
      store.faults.get = null
      equal((await sessions.refresh(browser.request())).ok, true, 'refresh afterwards')
    },
  })),
  {
    name: 'the record of one subject cannot be unsealed under the store key of another',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, browser } = await createSignedInBrowser(world, { store })
      let other
      store.faults.get = async (honest) => (other = await honest())
      await sessions.list('user-1')
      store.faults.get = async () => other
      await throwsCode('ERR_RECORD_CORRUPT', () => sessions.list('user-2'))
      await throwsCode(
        'ERR_RECORD_CORRUPT',
        () => sessions.signIn(browser.request({ cookie: '' }), { subject: 'user-2' }),
      )
    },
  },
  {
    name: 'a swap whose result is not a boolean breaks the contract',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, browser } = createTestSite(world, { store })
      for (const answer of [undefined, 1, 'OK', null]) {
        store.faults.swap = async () => answer
        await throwsCode(
          'ERR_STORE_CONTRACT',
          () => sessions.signIn(browser.request(), { subject: 'user-1' }),
        )
      }
    },
  },
  {
    name: 'an operation whose swap always conflicts ends after 64 attempts',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, browser } = createTestSite(world, { store })
      store.faults.swap = async () => false
      const error = await throwsCode(
        'ERR_CONFLICT',
        () => sessions.signIn(browser.request(), { subject: 'user-1' }),
      )
      equal([error.status, store.calls.get, store.calls.swap], [503, 64, 64], 'status and calls')
      equal(await sessions.list('user-1'), [], 'sessions')
    },
  },
  {
    name:
      'a sign-in whose write landed although the swap gave false is found, and makes one session',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, browser } = createTestSite(world, { store })
      store.faults.swap = async (honest) => {
        store.faults.swap = null
        await honest()
        return false
      }
      const answer = browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' }))
      equal([answer.ok, (await sessions.list('user-1')).map(({ id }) => id)], [true, [
        answer.session.id,
      ]], 'one session')
      equal([store.calls.get, store.calls.swap], [3, 1], 'calls')
      equal(sessions.authenticate(browser.request()).ok, true, 'authenticate')
    },
  },
  {
    name: 'an invalid clock value is an error, and a clock that jumps ends no session',
    async run(world) {
      const store = world.openStore()
      const good = Date.now()
      const now = [good]
      const { sessions, browser } = await createSignedInBrowser(world, {
        store,
        clock: clockOf(now),
      })
      for (const bad of [Number.NaN, 0, -1, Infinity, 2 ** 60, undefined, '5', null, 10n]) {
        now[0] = bad
        await throwsCode('ERR_CLOCK', () => sessions.authenticate(browser.request()))
        await throwsCode('ERR_CLOCK', () => sessions.refresh(browser.request()))
      }
      now[0] = good - 3_600_000
      equal((await sessions.refresh(browser.request())).ok, true, 'an hour earlier')
      now[0] = good + 400 * 86_400_000
      rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_EXPIRED', 401)
      equal(await sessions.list('user-1'), [], 'sessions after a year')
      now[0] = good + 31_000
      equal((await sessions.refresh(browser.request())).ok, true, 'at the right time again')
    },
  },
  {
    name: 'nothing is issued if the random source fails',
    async run(world) {
      const bad = [
        () => {
          throw new Error('no entropy')
        },
        (length) => new Uint8Array(length - 1).map((_, n) => n * 31 + 7),
        () => new Uint8Array(0),
        () => undefined,
        (length) => Array.from({ length }, () => 7),
        (length) => new Uint8Array(length),
        (length) => new Uint8Array(length).map((_, n) => n * 31 + 7),
      ]
      for (const entropy of bad) {
        const store = createWatchedStore(world.openStore())
        const { sessions, browser } = createTestSite(world, { entropy, store })
        await throwsCode(
          'ERR_ENTROPY',
          () => sessions.signIn(browser.request(), { subject: 'user-1' }),
        )
        equal(store.calls.swap, 0, 'writes')
      }
    },
  },
  {
    name: 'the same seed, clock and store give the same bytes',
    async run(world) {
      const secrets = {
        ring: [{ id: 'k1', secret: Uint8Array.from({ length: 32 }, (_, n) => n * 7 + 1) }],
        storeKeySecret: Uint8Array.from({ length: 32 }, (_, n) => n * 5 + 3),
      }
      const live = async () => {
        let seed = 1
        const entropy = (length) =>
          Uint8Array.from({ length }, () => (seed = (seed * 48271) % 2147483647) & 255)
        const now = [1_900_000_000_000]
        const writes = []
        const inner = world.openStore()
        const store = {
          get: (key) => inner.get(key),
          swap(key, revision, write) {
            writes.push([key, ...write.value])
            return inner.swap(key, revision, write)
          },
        }
        const { sessions, browser } = await createSignedInBrowser(world, {
          keys: secrets,
          entropy,
          clock: clockOf(now),
          store,
        })
        const first = browser.cookie
        now[0] += 40_000
        browser.keep(await sessions.refresh(browser.request()))
        const [{ id }] = await sessions.list('user-1')
        equal(writes.length, 2, 'writes')
        return [...writes, first, browser.cookie, id]
      }
      equal(await live(), await live(), 'two runs')
    },
  },
]
