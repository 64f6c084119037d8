import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import {
  Browser,
  CHROME,
  collectEvents,
  createSignedInBrowser,
  createTestSite,
  createWatchedStore,
} from '../support.mjs'

const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

export const cases = [
  {
    name: 'a client that lost a response gets the same successor until the new token is used',
    async run(world) {
      const { events, later, options } = collectEvents()
      const { sessions, clock, browser } = await createSignedInBrowser(world, options)
      const lost = browser.copy()
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      clock.advance(3600)
      const again = lost.copy()
      equal([again.keep(await sessions.refresh(again.request())).ok, again.refreshToken], [
        true,
        browser.refreshToken,
      ], 'the same successor, an hour later')
      browser.keep(await sessions.refresh(browser.request()))
      sessions.authenticate(browser.request())
      equal(later.length, 1, 'one recorded confirmation')
      await Promise.all(later)
      sessions.authenticate(browser.request())
      equal(later.length, 1, 'no second confirmation')
      equal(
        events.map((event) => event.type),
        ['signed_in', 'refreshed', 'successor_reissued', 'refreshed'],
        'the events',
      )
      equal(events[2].rotation, {
        row: '7',
        verdict: 'reissue_successor',
        msSinceRotation: 3_600_000,
        generationDistance: 1,
        clientChanged: false,
      }, 'the rotation details of the retry')
      ok(
        events.every((event) =>
          /^[\w-]{22}$/.test(event.sessionKey) && !JSON.stringify(event).includes('user-1')
        ),
        'hashed ids',
      )
    },
  },
  {
    name: 'a stolen token that another client family uses ends the session',
    async run(world) {
      const { events, options } = collectEvents()
      const { sessions, clock, browser } = await createSignedInBrowser(world, options)
      const thief = browser.copy()
      clock.advance(31)
      thief.keep(await sessions.refresh(thief.request({ headers: { 'user-agent': CHROME } })))
      const early = await sessions.refresh(browser.request())
      rejected(early, 'ERR_SUPERSEDED', 409)
      equal([early.rotation.row, early.rotation.clientChanged], ['7b', true], 'a late request')
      clock.advance(120)
      const answer = await sessions.refresh(browser.request())
      rejected(answer, 'ERR_SESSION_REUSE_DETECTED', 401)
      equal([answer.rotation.row, answer.rotation.verdict, answer.rotation.clientChanged], [
        '8',
        'reused_by_other_client',
        true,
      ], 'the details')
      equal(answer.headers.getSetCookie().length, 2, 'cleared cookies')
      rejected(
        await sessions.refresh(thief.request({ headers: { 'user-agent': CHROME } })),
        'ERR_SESSION_REUSE_DETECTED',
        401,
      )
      equal(await sessions.list('user-1'), [], 'active sessions')
      equal(
        events.map((event) => event.type),
        ['signed_in', 'refreshed', 'refresh_superseded', 'reuse_detected', 'refresh_rejected'],
        'the events',
      )
    },
  },
  {
    name: 'a late superseded token ends the session, but one in the in-flight window does not',
    async run(world) {
      const { later, options } = collectEvents()
      const { sessions, clock, browser } = await createSignedInBrowser(world, options)
      const old = browser.copy()
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      sessions.authenticate(browser.request())
      await Promise.all(later)
      clock.advance(30)
      const straggler = await sessions.refresh(old.request())
      rejected(straggler, 'ERR_SUPERSEDED', 409)
      equal(straggler.headers.getSetCookie(), [], 'cookies of the in-flight request')
      clock.advance(90)
      rejected(await sessions.refresh(old.request()), 'ERR_SESSION_REUSE_DETECTED', 401)
      rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_REUSE_DETECTED', 401)
    },
  },
  {
    name: 'a step-up issues new secrets with a new acr, and earlier tokens do not get this acr',
    async run(world) {
      const { options } = collectEvents()
      const { sessions, clock, browser } = await createSignedInBrowser(world, options, {
        subject: 'user-1',
        acr: 'aal1',
        amr: ['pwd'],
      })
      const before = browser.copy()
      clock.advance(600)
      browser.keep(await sessions.refresh(browser.request()))
      const stale = sessions.authenticate(browser.request())
      equal(
        sessions.requireRecentAuth(stale, { maxAgeSeconds: 300 }).code,
        'ERR_STEP_UP_REQUIRED',
        'before',
      )
      const old = browser.copy()
      const answer = browser.keep(
        await sessions.stepUp(browser.request(), { acr: 'aal2', amr: ['pwd', 'otp'] }),
      )
      equal([answer.ok, answer.session.acr, answer.session.amr, answer.session.generation], [
        true,
        'aal2',
        ['pwd', 'otp'],
        4,
      ], 'the answer')
      const fresh = sessions.authenticate(browser.request())
      equal(
        [
          fresh.session.acr,
          sessions.requireRecentAuth(fresh, { maxAgeSeconds: 300, acr: 'aal2' }).ok,
        ],
        ['aal2', true],
        'after',
      )
      equal(
        sessions.requireRecentAuth(fresh, { maxAgeSeconds: 300, acr: 'aal3' }).ok,
        false,
        'another acr',
      )
      rejected(await sessions.refresh(old.request()), 'ERR_STEP_UP_UNFINISHED', 409)
      rejected(
        await sessions.authenticate(old.request(), { checkStore: true }),
        'ERR_STEP_UP_UNFINISHED',
        409,
      )
      equal((await sessions.stepUp(old.request(), { acr: 'aal2' })).ok, true, 'a repeated step-up')
      rejected(
        await sessions.stepUp(before.request({ headers: { 'user-agent': CHROME } })),
        'ERR_SESSION_REUSE_DETECTED',
        401,
      )
      await throwsCode('ERR_ARGUMENT', () => sessions.stepUp(browser.request(), { acr: '' }))
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.requireRecentAuth(fresh, { maxAgeSeconds: -1 }),
      )
    },
  },
  {
    name: 'checkStore finds a revocation at once, and gives the session with its data',
    async run(world) {
      const { sessions, browser, session } = await createSignedInBrowser(world, {}, {
        subject: 'user-1',
        data: { cart: [1] },
      })
      const checkedValue = await sessions.authenticate(browser.request(), { checkStore: true })
      equal(
        [
          checkedValue.ok,
          checkedValue.session.data,
          checkedValue.claims.sub,
          Object.getPrototypeOf(checkedValue.claims),
        ],
        [true, { cart: [1] }, 'user-1', null],
        'the check',
      )
      await sessions.revoke(session.id)
      equal(sessions.authenticate(browser.request()).ok, true, 'accepted without a store read')
      rejected(
        await sessions.authenticate(browser.request(), { checkStore: true }),
        'ERR_SESSION_REVOKED',
        401,
      )
      rejected(
        await sessions.authenticate(browser.request({ cookie: '' }), { checkStore: true }),
        'ERR_TOKEN_MISSING',
        401,
      )
    },
  },
  {
    name: 'concurrent updates of data are atomic',
    async run(world) {
      const { sessions, session } = await createSignedInBrowser(world, {}, {
        subject: 'user-1',
        data: { n: 0 },
      })
      await Promise.all(
        Array.from({ length: 8 }, () => sessions.update(session.id, (data) => ({ n: data.n + 1 }))),
      )
      equal((await sessions.list('user-1'))[0].data, { n: 8 }, 'the data')
      await throwsCode('ERR_ARGUMENT', () => sessions.update(session.id, () => 'x'.repeat(1024)))
      await throwsCode('ERR_ARGUMENT', () => sessions.update('x', (data) => data))
      await sessions.revoke(session.id)
      equal(await sessions.update(session.id, (data) => data), null, 'a revoked session')
    },
  },
  {
    name:
      'a sign-in replaces an anonymous session by one with a new id, and keeps its data on request',
    async run(world) {
      const { sessions } = createTestSite(world)
      const browser = new Browser(world)
      const anonymous = browser.keep(
        await sessions.signIn(browser.request(), { anonymous: true, data: { cart: [7] } }),
      )
      ok(anonymous.session.subject.startsWith('anonymous:'), anonymous.session.subject)
      const old = browser.copy()
      const user = browser.keep(
        await sessions.signIn(browser.request(), { subject: 'user-1', keepData: true }),
      )
      equal(
        [user.session.data, user.session.id === anonymous.session.id],
        [{ cart: [7] }, false],
        'the session',
      )
      rejected(await sessions.refresh(old.request()), 'ERR_SESSION_REVOKED', 401)
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.signIn(browser.request(), { subject: 'anonymous:x' }),
      )
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.signIn(browser.request(), { subject: 'u', anonymous: true }),
      )
    },
  },
  {
    name: 'a rejection of protect has the rotation details that a rejection of refresh has',
    async run(world) {
      const { later, options } = collectEvents()
      const { sessions, clock, browser } = await createSignedInBrowser(world, options)
      const old = browser.copy()
      clock.advance(400)
      browser.keep(await sessions.refresh(browser.request()))
      sessions.authenticate(browser.request())
      await Promise.all(later)
      clock.advance(20)
      const rejection = await sessions.protect(old.request())
      const { rotation } = await sessions.refresh(old.request())
      equal([rejection.code, rejection.rotation], ['ERR_SUPERSEDED', rotation], 'the details')
      equal(rotation.row, '7a', 'the row')
      const none = await sessions.protect(old.request({ cookie: '' }))
      equal([none.code, none.rotation], ['ERR_TOKEN_MISSING', null], 'without a refresh token')
    },
  },
  {
    name: 'a store whose result throws while it is read is unavailable',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      const { sessions, clock, browser } = await createSignedInBrowser(world, { store })
      clock.advance(400)
      store.faults.get = () => ({
        get value() {
          throw new Error('cannot be decoded')
        },
        revision: 'r',
      })
      await throwsCode('ERR_STORE_UNAVAILABLE', () => sessions.refresh(browser.request()))
      equal((await sessions.protect(browser.request())).status, 503, 'the status of protect')
    },
  },
  {
    name:
      'a failing hook or background task fails no request, and a failed confirmation is repeated',
    async run(world) {
      const store = createWatchedStore(world.openStore())
      let down = false
      store.faults.get = (real) => {
        if (down) throw new Error('down')
        return real()
      }
      const onEvent = (event) => {
        if (event.type === 'signed_in') throw new Error('a hook that throws')
        return Promise.reject(new Error('a hook that rejects'))
      }
      const { later, options } = collectEvents({ onEvent })
      const { sessions, clock, browser } = await createSignedInBrowser(world, { ...options, store })
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      down = true
      equal(sessions.authenticate(browser.request()).ok, true, 'while the store is down')
      await Promise.all(later)
      down = false
      sessions.authenticate(browser.request())
      equal(later.length, 2, 'attempts')
      await Promise.all(later)
      await settled()
      equal(sessions.authenticate(browser.request()).ok, true, 'afterwards')
      await throwsCode('ERR_CONFIG', () => createTestSite(world, { onEvent: 7 }))
      await throwsCode('ERR_CONFIG', () => createTestSite(world, { waitUntil: 7 }))
      await throwsCode('ERR_CONFIG', () => createTestSite(world, { policy: { preset: 'nist' } }))
    },
  },
]
