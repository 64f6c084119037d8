// Incidents of other products in which honest clients were signed out. The IDs are those of the
// conformance data.
import { clears, equal, ok, rejected, throwsCode } from '../assert.mjs'
import {
  allInterleavings,
  createRng,
  createScriptedStore,
  createSteppedStore,
  interleavings,
} from '../scripted-store.mjs'
import {
  Browser,
  collectEvents,
  createKeys,
  createSignedInBrowser,
  createTestSite,
} from '../support.mjs'

const refreshTokenOf = (answer) =>
  answer.headers.getSetCookie().find((line) => line.includes('-refresh'))?.split(';')[0]
const typesOf = (events) => events.map(({ type }) => type)
const assertNoAlarm = (events) =>
  ok(!typesOf(events).includes('reuse_detected'), `no reuse event, not ${typesOf(events)}`)

/** Checks that every request got the same successor, and that the browser continues with it. */
async function oneSuccessor({ answers, sessions, clock, browser, events }) {
  for (const answer of answers) ok(answer.ok, `a success for every request, not ${answer.code}`)
  equal(new Set(answers.map(refreshTokenOf)).size, 1, 'distinct successors')
  browser.keep(answers.at(-1))
  clock.advance(31)
  equal(browser.keep(await sessions.refresh(browser.request())).rotated, true, 'the next refresh')
  assertNoAlarm(events)
}

/** A signed-in browser whose refresh token is due for rotation, and `n` isolates on one store. */
async function isolates(world, n) {
  const shared = world.openStore()
  const { events, options } = collectEvents({ keys: createKeys() })
  const main = await createSignedInBrowser(world, { ...options, store: shared })
  main.clock.advance(31)
  const stores = Array.from({ length: n }, () => createSteppedStore(shared))
  const all = stores.map((store) =>
    createTestSite(world, { ...options, store, clock: main.clock.now }).sessions
  )
  return { ...main, events, stores, isolates: all }
}

async function inTurns(world, n, choose) {
  const all = await isolates(world, n)
  const request = all.browser.request()
  const answers = await interleavings(
    all.stores,
    (one) => all.isolates[one].refresh(request),
    choose,
  )
  await oneSuccessor({ ...all, answers })
}

const R01 = {
  name: 'R01: concurrent requests present one refresh token, in every order of reads and writes',
  async run(world) {
    for (const n of [2, 3, 4, 8, 16, 32, 64]) {
      const store = createScriptedStore(world.openStore())
      const { events, options } = collectEvents({ store })
      const all = await createSignedInBrowser(world, options)
      all.clock.advance(31)
      // All isolates have decided to rotate before the first write is applied.
      store.meet('swap', n)
      const answers = await Promise.all(
        Array.from({ length: n }, () => all.sessions.refresh(all.browser.request())),
      )
      equal(
        answers.filter((answer) => answer.ok && answer.rotated).length,
        n,
        'callers with a new token',
      )
      await oneSuccessor({ ...all, answers, events })
    }
    const roll = createRng(7)
    const ways = await allInterleavings((choose) => inTurns(world, 2, choose))
    ok(ways >= 6, `every order of two requests, not ${ways}`)
    if (world.runtime.thorough) {
      ok(
        (await allInterleavings((choose) => inTurns(world, 3, choose))) >= 90,
        'every order of three requests',
      )
    }
    for (let n = 0; n < 20; n += 1) await inTurns(world, 2 + roll(7), roll)
  },
}

const R03 = {
  name: 'R03: a rotation is written, its response is lost, and the client repeats the request',
  async run(world) {
    for (const seconds of [0.1, 1, 5, 9.9]) {
      const store = createScriptedStore(world.openStore())
      const { events, options } = collectEvents({ store })
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, options)
      clock.advance(31)
      const lost = await sessions.refresh(browser.request())
      clock.advance(seconds)
      const again = browser.keep(await sessions.refresh(browser.request()))
      equal(
        [again.ok, refreshTokenOf(again)],
        [true, refreshTokenOf(lost)],
        `the same successor after ${seconds} s`,
      )
      // The write can also be lost in another way: the store applies it, and its answer is lost.
      clock.advance(31)
      store.drop('swap')
      await throwsCode('ERR_STORE_UNAVAILABLE', () => sessions.refresh(browser.request()))
      clock.advance(seconds)
      const third = browser.keep(await sessions.refresh(browser.request()))
      equal([third.ok, third.session.generation], [true, 2], 'the second rotation, applied once')
      equal((await sessions.list('user-1')).map(({ id }) => id), [session.id], 'the session')
      assertNoAlarm(events)
    }
  },
}

const R13 = {
  name: 'R13: of two concurrent requests, one reads before, during or after the write of the other',
  async run(world) {
    for (const moment of ['before', 'while', 'after']) {
      const store = createScriptedStore(world.openStore())
      const { events, options } = collectEvents({ store })
      const all = await createSignedInBrowser(world, options)
      const { sessions, clock, browser } = all
      clock.advance(31)
      store.calls.swap = 0
      const stopped = moment === 'after' ? store.holdAnswer('swap') : store.hold('swap')
      const winner = sessions.refresh(browser.request())
      const letGo = await stopped
      const loser = sessions.refresh(browser.request())
      const answers = moment === 'while' ? [] : [await loser]
      letGo()
      answers.push(await winner, await loser)
      // One write replaces the old token by the new one, so that no half of it is ever visible.
      equal(store.calls.swap, moment === 'after' ? 1 : 2, `attempted writes, ${moment}`)
      await oneSuccessor({ ...all, answers, events })
    }
  },
}

const R15 = {
  name: 'R15: the slow response of a read arrives after a refresh',
  async run(world) {
    const store = createScriptedStore(world.openStore())
    const { events, options } = collectEvents({ store })
    const { sessions, clock, browser } = await createSignedInBrowser(world, options)
    clock.advance(31)
    const read = browser.request({ method: 'GET' })
    const stopped = store.holdAnswer('get')
    const slow = sessions.authenticate(read, { checkStore: true })
    const letGo = await stopped
    browser.keep(await sessions.refresh(browser.request()))
    const before = browser.cookie
    letGo()
    for (const answer of [await slow, sessions.authenticate(read)]) {
      equal([answer.ok, 'headers' in answer], [true, false], 'a read without headers')
    }
    const rejection = await sessions.authenticate(browser.request({ cookie: '' }), {
      checkStore: true,
    })
    equal([rejection.ok, rejection.headers.getSetCookie()], [false, []], 'a rejected read')
    equal(browser.cookie, before, 'the cookies')
    clock.advance(31)
    equal((await sessions.refresh(browser.request())).ok, true, 'the next refresh')
    assertNoAlarm(events)
  },
}

const R21 = {
  name: 'R21: the store is down for two hours',
  async run(world) {
    const store = createScriptedStore(world.openStore())
    const { events, options } = collectEvents({ store })
    const { sessions, clock, browser, session } = await createSignedInBrowser(world, options)
    const { cookie } = browser
    store.fail('get', 'swap')
    for (let minutes = 0; minutes <= 120; minutes += 4) {
      const accepted = sessions.authenticate(browser.request())
      if (minutes < 5) equal(accepted.ok, true, 'an access token that has not expired')
      if (minutes > 6) rejected(accepted, 'ERR_TOKEN_EXPIRED', 401)
      equal(accepted.headers?.getSetCookie() ?? [], [], 'cookies')
      const others = [
        () => sessions.refresh(browser.request()),
        () => sessions.list('user-1'),
        () => sessions.revoke(session.id),
        () => sessions.signOut(browser.request()),
      ]
      // With an expired access token the check ends before the store is read.
      const asked = accepted.ok
        ? [() => sessions.authenticate(browser.request(), { checkStore: true }), ...others]
        : others
      for (const call of asked) {
        equal((await throwsCode('ERR_STORE_UNAVAILABLE', call)).status, 503, 'the status')
      }
      clock.advance(240)
    }
    store.heal()
    equal(browser.cookie, cookie, 'the cookies after two hours')
    browser.keep(await sessions.refresh(browser.request()))
    equal([sessions.authenticate(browser.request()).session?.id, typesOf(events)], [session.id, [
      'signed_in',
      'refreshed',
    ]], 'the session continues')
  },
}

const R23 = {
  name: 'R23: one request is delivered two to ten times',
  async run(world) {
    for (let n = 2; n <= 10; n += 1) {
      for (const together of [true, false]) {
        const { events, options } = collectEvents()
        const all = await createSignedInBrowser(world, options)
        all.clock.advance(31)
        const request = all.browser.request()
        const deliveries = Array.from({ length: n })
        const answers = []
        if (together) {
          answers.push(...(await Promise.all(deliveries.map(() => all.sessions.refresh(request)))))
        } else for (const _ of deliveries) answers.push(await all.sessions.refresh(request))
        const bodies = answers.map((answer) =>
          JSON.stringify([answer.ok, answer.rotated, answer.session])
        )
        equal(new Set(bodies).size, 1, 'distinct bodies')
        await oneSuccessor({ ...all, answers, events })
      }
    }
  },
}

const halved = (entry) => ({ ...entry, value: entry.value.slice(0, entry.value.length / 2) })

/**
 * Refreshes that are rejected: [words, code, number of cleared cookies, preparation].
 */
const REFUSALS = [
  [
    'another tab has refreshed before',
    'ERR_SUPERSEDED',
    0,
    async ({ sessions, clock, browser }) => {
      const old = browser.copy()
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      await sessions.authenticate(browser.request(), { checkStore: true })
      clock.advance(11)
      return old
    },
  ],
  ['a step-up is under way', 'ERR_STEP_UP_UNFINISHED', 0, async ({ sessions, browser }) => {
    const old = browser.copy()
    await sessions.stepUp(browser.request())
    return old
  }],
  ['the store is down', 'ERR_STORE_UNAVAILABLE', 0, ({ store }) => store.fail('get')],
  [
    'the store does not write',
    'ERR_STORE_UNAVAILABLE',
    0,
    ({ store, clock }) => (clock.advance(31), store.fail('swap')),
  ],
  ['the store gives a truncated record', 'ERR_RECORD_CORRUPT', 0, ({ store }) => {
    store.faults.get = async (real) => halved(await real())
  }],
  ['the clock is invalid', 'ERR_CLOCK', 0, ({ clock }) => {
    clock.ms = Number.NaN
  }],
  [
    'the request is cross-site',
    'ERR_CROSS_ORIGIN',
    0,
    () => ({ headers: { 'sec-fetch-site': 'cross-site' } }),
  ],
  [
    'the token is of another site',
    'ERR_REFRESH_MALFORMED',
    0,
    () => ({ cookie: '__Host-portcullis-refresh-0=x' }),
  ],
  ['there is no token', 'ERR_REFRESH_MISSING', 0, () => ({ cookie: 'a=1' })],
  [
    'there are two tokens',
    'ERR_COOKIE_HEADER',
    0,
    ({ browser }) => ({ cookie: `${browser.cookie}; ${browser.cookie}` }),
  ],
  ['the session is unknown', 'ERR_SESSION_UNKNOWN', 0, ({ store }) => {
    store.faults.get = async () => null
  }],
  [
    'the session was idle for too long',
    'ERR_SESSION_EXPIRED',
    0,
    ({ clock }) => clock.advance(8 * 86_400),
  ],
  [
    'the deadline has passed, but not the leeway',
    'ERR_SESSION_EXPIRED',
    0,
    ({ clock }) => clock.advance(30 * 86_400),
  ],
  [
    'the deadline and the leeway have passed',
    'ERR_SESSION_EXPIRED',
    2,
    ({ clock }) => clock.advance(30 * 86_400 + 31),
  ],
  [
    'the session was revoked',
    'ERR_SESSION_REVOKED',
    2,
    ({ sessions, session }) => sessions.revoke(session.id),
  ],
  ['the session was evicted', 'ERR_SESSION_EVICTED', 2, async ({ sessions, clock }, world) => {
    for (let n = 0; n < 2; n += 1) {
      clock.advance(1)
      await sessions.signIn(new Browser(world).request(), { subject: 'user-1' })
    }
  }],
  [
    'the token was stolen and used',
    'ERR_SESSION_REUSE_DETECTED',
    2,
    async ({ sessions, clock, browser }) => {
      clock.advance(31)
      await sessions.refresh(
        browser.copy().request({ headers: { 'user-agent': 'Chrome/140 Windows' } }),
      )
      clock.advance(120)
    },
  ],
]

const R14 = REFUSALS.map(([words, code, cleared, bringAbout]) => ({
  name: `R14: cookies are ${cleared === 0 ? 'kept' : 'cleared'} if ${words}`,
  async run(world) {
    const store = createScriptedStore(world.openStore())
    const all = await createSignedInBrowser(world, {
      ...collectEvents().options,
      store,
      policy: { maxSessionsPerSubject: 2 },
    })
    const said = await bringAbout({ ...all, store }, world)
    const request = said instanceof Browser ? said.request() : all.browser.request(said ?? {})
    const answer = await all.sessions.refresh(request).catch((error) => error)
    equal(
      [answer.code, answer instanceof Error ? 0 : clears(answer.headers)],
      [code, cleared],
      'the rejection',
    )
    // A thrown error has no headers, so that nothing can reach the browser.
    if (answer instanceof Error) equal('headers' in answer, false, 'headers of an error')
    else equal(answer.headers.getSetCookie().length, cleared, 'changed cookies')
  },
}))

export const cases = [R01, R03, R13, ...R14, R15, R21, R23]
