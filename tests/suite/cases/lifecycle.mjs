import { clears, equal, ok, rejected } from '../assert.mjs'
import { Browser, createSignedInBrowser, createTestSite } from '../support.mjs'

export const cases = [
  {
    name: 'a session lives from sign-in to revocation',
    async run(world) {
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, {}, {
        subject: 'user-1',
        data: { plan: 'pro', n: 1 },
        acr: 'aal1',
        amr: ['pwd'],
        label: 'Test browser',
      })
      equal(session.data, { plan: 'pro', n: 1 }, 'data')
      equal([session.generation, session.acr, session.amr, session.label], [
        0,
        'aal1',
        ['pwd'],
        'Test browser',
      ], 'the session')

      const accepted = sessions.authenticate(browser.request({ method: 'GET' }))
      equal([accepted.ok, accepted.session.id, accepted.session.subject, accepted.session.acr], [
        true,
        session.id,
        'user-1',
        'aal1',
      ], 'authenticate')

      clock.advance(31)
      const before = browser.copy()
      const afterRefresh = browser.keep(await sessions.refresh(browser.request()))
      equal(
        [afterRefresh.ok, afterRefresh.rotated, afterRefresh.session.generation],
        [true, true, 1],
        'refresh',
      )
      equal(afterRefresh.session.data, { plan: 'pro', n: 1 }, 'data after a refresh')
      ok(browser.refreshToken !== before.refreshToken, 'a new refresh token')

      const again = before.keep(await sessions.refresh(before.request()))
      equal(
        [again.ok, before.refreshToken],
        [true, browser.refreshToken],
        'the same successor for a request whose response was lost',
      )

      equal((await sessions.list('user-1')).map(({ id }) => id), [session.id], 'list')
      equal(await sessions.revoke(session.id), true, 'revoke')
      equal(await sessions.revoke(session.id), false, 'revoke again')
      equal(await sessions.list('user-1'), [], 'list after revoke')
      const rejection = await sessions.refresh(browser.request())
      rejected(rejection, 'ERR_SESSION_REVOKED', 401)
      equal(clears(rejection.headers), 2, 'cleared cookies')
    },
  },
  {
    name: 'within the minimum rotation interval, a refresh issues only an access token',
    async run(world) {
      const { sessions, clock, browser } = await createSignedInBrowser(world)
      clock.advance(29)
      const token = browser.refreshToken
      const answer = browser.keep(await sessions.refresh(browser.request()))
      equal(
        [answer.ok, answer.rotated, answer.headers.getSetCookie().length],
        [true, false, 1],
        'the answer',
      )
      equal(browser.refreshToken, token, 'the refresh token')
      equal(browser.accessToken, answer.accessToken, 'the access cookie')
      clock.advance(1)
      equal((await sessions.refresh(browser.request())).rotated, true, 'rotation at 30 s')
    },
  },
  {
    name: 'an access token expires, and a refresh issues another one',
    async run(world) {
      const { sessions, clock, browser } = await createSignedInBrowser(world)
      clock.advance(331)
      rejected(sessions.authenticate(browser.request()), 'ERR_TOKEN_EXPIRED', 401)
      browser.keep(await sessions.refresh(browser.request()))
      equal(sessions.authenticate(browser.request()).ok, true, 'authenticate')
    },
  },
  {
    name: 'a session ends after its idle timeout, and its cookies are kept',
    async run(world) {
      const { sessions, clock, browser } = await createSignedInBrowser(world, {
        policy: { idleTimeoutSeconds: 600 },
      })
      clock.advance(599)
      equal(
        (await sessions.refresh(browser.copy().request())).ok,
        true,
        'refresh before the deadline',
      )
      clock.advance(600)
      const answer = await sessions.refresh(browser.request())
      ok(answer.code === 'ERR_SESSION_EXPIRED', `ERR_SESSION_EXPIRED, not ${answer.code}`)
      equal(answer.headers.getSetCookie(), [], 'cookies')
      equal(await sessions.list('user-1'), [], 'list')
    },
  },
  {
    name: 'refreshes do not extend the absolute timeout',
    async run(world) {
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, {
        policy: { absoluteTimeoutSeconds: 1000 },
      })
      for (let n = 0; n < 9; n += 1) {
        clock.advance(100)
        const answer = browser.keep(await sessions.refresh(browser.request()))
        equal(
          [answer.ok, answer.session.absoluteDeadlineMs],
          [true, session.absoluteDeadlineMs],
          'the deadline',
        )
      }
      clock.advance(100)
      rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_EXPIRED', 401)
      clock.advance(31)
      equal(
        clears((await sessions.refresh(browser.request())).headers),
        2,
        'cleared cookies after the leeway',
      )
    },
  },
  {
    name: 'sign-out ends the session of the request and clears its cookies',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const stolen = browser.copy()
      const answer = browser.keep(await sessions.signOut(browser.request()))
      equal([answer.ok, answer.revoked, clears(answer.headers), browser.jar.size], [
        true,
        true,
        2,
        0,
      ], 'sign-out')
      rejected(await sessions.refresh(stolen.request()), 'ERR_SESSION_REVOKED', 401)
      const again = await sessions.signOut(browser.request())
      equal([again.ok, again.revoked], [true, false], 'sign-out without a session')
    },
  },
  {
    name: 'the access cookie alone is enough to sign out',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      browser.jar.delete('__Host-portcullis-refresh-0')
      equal((await sessions.signOut(browser.request())).revoked, true, 'revoked')
    },
  },
  {
    name: 'a sign-in makes a new session id, and the replaced session ends',
    async run(world) {
      const { sessions, browser, session } = await createSignedInBrowser(world)
      const before = browser.copy()
      const again = browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' }))
      ok(
        again.session.id !== session.id && browser.refreshToken !== before.refreshToken,
        'a new id and a new token',
      )
      rejected(await sessions.refresh(before.request()), 'ERR_SESSION_REVOKED', 401)
      const other = browser.copy()
      other.keep(await sessions.signIn(other.request(), { subject: 'user-2' }))
      rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_REVOKED', 401)
      equal((await sessions.list('user-2')).length, 1, 'sessions of the second user')
    },
  },
  {
    name: 'revokeAll ends all sessions of a subject but one, and none of other subjects',
    async run(world) {
      const { sessions, clock, browser, session } = await createSignedInBrowser(world)
      const others = await Promise.all([1, 2, 3].map(async () => {
        const other = new Browser(world)
        other.keep(await sessions.signIn(other.request(), { subject: 'user-1' }))
        return other
      }))
      const stranger = new Browser(world)
      stranger.keep(await sessions.signIn(stranger.request(), { subject: 'user-2' }))
      clock.advance(31)
      equal((await sessions.list('user-1')).length, 4, 'sessions')
      equal(await sessions.revokeAll('user-1', { except: session.id }), 3, 'revoked')
      for (const other of others) {
        rejected(await sessions.refresh(other.request()), 'ERR_SESSION_REVOKED', 401)
      }
      equal((await sessions.refresh(browser.request())).ok, true, 'the excepted session')
      equal((await sessions.refresh(stranger.request())).ok, true, 'the stranger')
      equal(await sessions.revokeAll('user-1'), 1, 'the remaining session')
      equal(await sessions.revokeAll('nobody'), 0, 'nobody')
    },
  },
  {
    name: 'the session limit evicts the longest idle session, and its rejection says so',
    async run(world) {
      const { sessions, clock, browser } = await createSignedInBrowser(world, {
        policy: { maxSessionsPerSubject: 2 },
      })
      for (let n = 0; n < 2; n += 1) {
        clock.advance(60)
        const other = new Browser(world)
        equal((await sessions.signIn(other.request(), { subject: 'user-1' })).ok, true, 'sign-in')
      }
      equal((await sessions.list('user-1')).length, 2, 'sessions')
      rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_EVICTED', 401)
    },
  },
  {
    name: '16 concurrent refreshes of one token get the same successor',
    async run(world) {
      const { sessions, clock, browser } = await createSignedInBrowser(world)
      clock.advance(60)
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => sessions.refresh(browser.request())),
      )
      for (const answer of answers) equal([answer.ok, answer.rotated], [true, true], answer.code)
      const successors = answers.map((answer) =>
        browser.copy().keep(answer).headers.getSetCookie().find((line) => line.includes('-refresh'))
      )
      equal(new Set(successors).size, 1, 'different successors')
      browser.keep(answers[7])
      equal((await sessions.refresh(browser.request())).ok, true, 'the browser afterwards')
    },
  },
  {
    name: '16 concurrent sign-ins of one subject all succeed',
    async run(world) {
      const { sessions } = createTestSite(world)
      const answers = await Promise.all(
        Array.from(
          { length: 16 },
          () => sessions.signIn(new Browser(world).request(), { subject: 'busy' }),
        ),
      )
      ok(answers.every((answer) => answer.ok), 'every sign-in')
      const listed = (await sessions.list('busy')).map(({ id }) => id).sort()
      equal(listed, answers.map((answer) => answer.session.id).sort(), 'the list')
    },
  },
]
