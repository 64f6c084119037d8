// Incidents of other products in which a thief stayed signed in, or got the authentication level of
// a step-up. The IDs are those of the conformance data.
import { clears, equal, ok, rejected } from '../assert.mjs'
import {
  Browser,
  CHROME,
  collectEvents,
  createSignedInBrowser,
  createTestSite,
} from '../support.mjs'

const alarms = (events) => events.filter(({ type }) => type === 'reuse_detected').length
const otherPlace = { headers: { 'user-agent': CHROME } }

/**
 * Checks that no holder of a token can use the session: at once if the store is read, and
 * everywhere after the access token has expired.
 */
async function isRevoked({ sessions, clock }, holders) {
  for (const holder of holders) {
    const answer = await sessions.refresh(holder.request())
    rejected(answer, 'ERR_SESSION_REUSE_DETECTED', 401)
    equal(clears(answer.headers), 2, 'cleared cookies')
    rejected(
      await sessions.authenticate(holder.request(), { checkStore: true }),
      'ERR_SESSION_REUSE_DETECTED',
      401,
    )
  }
  // This is more than the lifetime of an access token and the leeway.
  clock.advance(331)
  for (const holder of holders) {
    rejected(sessions.authenticate(holder.request()), 'ERR_TOKEN_EXPIRED', 401)
  }
}

/** Uses the access token of a browser, and waits until the first use is recorded. */
async function uses({ sessions, later }, browser) {
  equal(sessions.authenticate(browser.request()).ok, true, 'an access token')
  await Promise.all(later)
}

async function begin(world, who) {
  const { events, later, options } = collectEvents()
  return { events, later, ...(await createSignedInBrowser(world, options, who)) }
}

const R05 = [1, 2].map((rotations) => ({
  name: `R05: a token is used, and replayed after its grace window, ${
    rotations === 1 ? 'one generation late' : 'two generations late'
  }`,
  async run(world) {
    const all = await begin(world)
    const { sessions, clock, browser, events } = all
    const thief = browser.copy()
    const holders = []
    for (let n = 0; n < rotations; n += 1) {
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      await uses(all, browser)
      holders.push(browser.copy())
    }
    clock.advance(120)
    const answer = await sessions.refresh(thief.request())
    rejected(answer, 'ERR_SESSION_REUSE_DETECTED', 401)
    equal(
      [answer.rotation.row, answer.rotation.verdict],
      rotations === 1 ? ['8', 'reused_late'] : ['10', 'reused_stale'],
      'the row',
    )
    // Later attempts are rejected too, and cause no second event.
    rejected(await sessions.refresh(thief.request()), 'ERR_SESSION_REUSE_DETECTED', 401)
    await isRevoked(all, [...holders, thief.copy()])
    equal([alarms(events), await sessions.list('user-1')], [1, []], 'reuse events and sessions')
  },
}))

const R06 = [true, false].map((betrayed) => ({
  name: `R06: a thief rotates first ${
    betrayed ? 'from another client family' : 'and uses the new token'
  }, and the victim refreshes later`,
  async run(world) {
    const all = await begin(world)
    const { sessions, clock, browser, events } = all
    const thief = browser.copy()
    clock.advance(31)
    equal(
      thief.keep(await sessions.refresh(thief.request(betrayed ? otherPlace : {}))).rotated,
      true,
      'the theft',
    )
    await uses(all, thief)
    clock.advance(121)
    const answer = browser.copy().keep(await sessions.refresh(browser.request()))
    rejected(answer, 'ERR_SESSION_REUSE_DETECTED', 401)
    equal([answer.rotation.row, answer.rotation.clientChanged], ['8', betrayed], 'the row')
    await isRevoked(all, [thief])
    equal([alarms(events), await sessions.list('user-1')], [1, []], 'reuse events and sessions')
  },
}))

const R24 = {
  name: 'R24: an attacker keeps the cookies from before a sign-in',
  async run(world) {
    const { sessions } = createTestSite(world, collectEvents().options)
    const browser = new Browser(world)
    const before = browser.keep(await sessions.signIn(browser.request(), { anonymous: true }))
    const planted = browser.copy()
    const anonymous = sessions.authenticate(planted.request())
    const after = browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' }))
    const user = sessions.authenticate(browser.request())
    const ids = (
      { claims, session },
      { accessToken },
      { refreshToken },
    ) => [session.id, claims.sid, claims.jti, claims.sub, accessToken, refreshToken]
    const [old, now] = [ids(anonymous, before, planted), ids(user, after, browser)]
    equal(old.filter((id, n) => id === undefined || id === now[n]), [], 'ids that stayed')
    rejected(await sessions.refresh(planted.request()), 'ERR_SESSION_REVOKED', 401)
    rejected(
      await sessions.authenticate(planted.request(), { checkStore: true }),
      'ERR_SESSION_REVOKED',
      401,
    )
    ok(
      sessions.authenticate(planted.request()).session?.subject !== 'user-1',
      'a subject that is not the user',
    )
    equal((await sessions.refresh(browser.request())).ok, true, 'the user')
  },
}

const R25 = {
  name: 'R25: a cached result of a session at aal1 is used for a page that needs aal2',
  async run(world) {
    const { sessions, clock, browser } = await begin(world, {
      subject: 'user-1',
      acr: 'aal1',
      amr: ['pwd'],
    })
    const protectedPage = (answer) =>
      sessions.requireRecentAuth(answer, { maxAgeSeconds: 300, acr: 'aal2' })
    const rejectionOf = (answer) =>
      equal([answer.session.acr, protectedPage(answer).code, protectedPage(answer).status], [
        'aal1',
        'ERR_STEP_UP_REQUIRED',
        401,
      ], 'the page')
    const cached = sessions.authenticate(browser.request())
    rejectionOf(cached)
    clock.advance(31)
    browser.keep(await sessions.refresh(browser.request()))
    rejectionOf(sessions.authenticate(browser.request()))
    rejectionOf(await sessions.authenticate(browser.request(), { checkStore: true }))

    const before = browser.copy()
    const raised = browser.keep(
      await sessions.stepUp(browser.request(), { acr: 'aal2', amr: ['pwd', 'otp'] }),
    )
    equal([raised.session.acr, protectedPage(sessions.authenticate(browser.request())).ok], [
      'aal2',
      true,
    ], 'after the step-up')
    rejectionOf(cached)
    rejectionOf(sessions.authenticate(before.request()))
    rejected(
      await sessions.authenticate(before.request(), { checkStore: true }),
      'ERR_STEP_UP_UNFINISHED',
      409,
    )
    rejected(await sessions.refresh(before.request()), 'ERR_STEP_UP_UNFINISHED', 409)

    clock.advance(200)
    const kept = browser.keep(await sessions.refresh(browser.request()))
    equal([kept.session.acr, kept.session.authenticatedAtMs], [
      'aal2',
      raised.session.authenticatedAtMs,
    ], 'a refresh keeps the authentication time')
    clock.advance(101)
    equal(
      protectedPage(sessions.authenticate(browser.request())).code,
      'ERR_STEP_UP_REQUIRED',
      'five minutes later',
    )
  },
}

const R30 = {
  name: 'R30: one session of a user is stolen, and the other sessions continue',
  async run(world) {
    const all = await begin(world)
    const { sessions, clock, browser, events } = all
    const others = [new Browser(world), new Browser(world), new Browser(world)]
    for (const [n, other] of others.entries()) {
      other.keep(await sessions.signIn(other.request(), { subject: n < 2 ? 'user-1' : 'user-2' }))
    }
    const thief = browser.copy()
    clock.advance(31)
    thief.keep(await sessions.refresh(thief.request(otherPlace)))
    rejected(await sessions.refresh(browser.request()), 'ERR_SUPERSEDED', 409)
    clock.advance(120)
    rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_REUSE_DETECTED', 401)
    for (const other of others) {
      equal(sessions.authenticate(other.request()).ok, true, 'an access token of another session')
      equal(
        other.keep(await sessions.refresh(other.request())).rotated,
        true,
        'a refresh of another session',
      )
    }
    equal(
      [(await sessions.list('user-1')).length, (await sessions.list('user-2')).length],
      [2, 1],
      'sessions',
    )
    await isRevoked(all, [thief, browser])
    equal(alarms(events), 1, 'reuse events')
  },
}

export const cases = [...R05, ...R06, R24, R25, R30]
