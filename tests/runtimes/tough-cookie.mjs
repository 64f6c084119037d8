// The cookies of portcullis in tough-cookie, an independent cookie jar, with prefixes enforced.
import { CookieJar } from 'tough-cookie'
import { equal, ok } from '../suite/assert.mjs'
import { createTestSite, ORIGIN } from '../suite/support.mjs'

/** Policies with different cookies, and a path that gets the refresh cookie. */
const POLICIES = [
  ['with the default policy', {}, '/here'],
  ['with SameSite=Strict', { sameSite: 'strict' }, '/here'],
  ['with a readable CSRF token', { csrfCookie: true }, '/here'],
  ['for the browser session, with another name', {
    cookiePersistence: 'browser-session',
    cookieName: 'shop',
  }, '/here'],
  ['with a refresh cookie for one path', { refreshPath: '/session' }, '/session/refresh'],
]

/**
 * A browser with the jar of tough-cookie, which rejects the cookies that a browser must reject. A
 * rejected cookie is an error here.
 */
class ToughBrowser {
  #jar = new CookieJar(undefined, { prefixSecurity: 'strict', rejectPublicSuffixes: true })

  constructor(clock) {
    this.clock = clock
  }

  async request(path, method = 'POST') {
    const url = ORIGIN + path
    const cookie = await this.#jar.getCookieString(url, { expire: true })
    return new Request(url, {
      method,
      headers: { 'sec-fetch-site': 'same-origin', ...(cookie === '' ? {} : { cookie }) },
    })
  }

  async keep(answer, path) {
    for (const line of answer.headers.getSetCookie()) {
      const kept = await this.#jar.setCookie(line, ORIGIN + path, {
        now: new Date(this.clock.now()),
        ignoreError: false,
      })
      ok(
        kept !== undefined,
        `an accepted cookie: ${line.replace(/=[^;]*/, '=...')}`,
      )
    }
    return answer
  }

  async names(path) {
    return (await this.#jar.getCookies(ORIGIN + path)).map(({ key }) => key).sort()
  }
}

export const cases = POLICIES.map(([words, policy, path]) => ({
  name: `a strict, independent jar keeps and sends the cookies ${words}`,
  async run(world) {
    const { sessions, clock } = createTestSite(world, { policy })
    const browser = new ToughBrowser(clock)
    ok(
      (await browser.keep(
        await sessions.signIn(await browser.request(path), { subject: 'user-1' }),
        path,
      )).ok,
      'a sign-in',
    )
    const first = await browser.names(path)
    equal(first.filter((name) => !/^__(Host|Secure)-/.test(name)), [], 'names without a prefix')
    for (let n = 0; n < 5; n += 1) {
      clock.advance(31)
      const answer = await browser.keep(await sessions.refresh(await browser.request(path)), path)
      ok(answer.ok && answer.rotated, `a rotation, not ${answer.code}`)
      equal((await browser.names(path)).length, first.length, 'cookies, none of them stale')
      ok(
        sessions.authenticate(await browser.request('/here', 'GET')).ok,
        'a valid access token',
      )
    }
    ok(
      (await browser.keep(
        await sessions.stepUp(await browser.request(path), { acr: 'aal2' }),
        path,
      )).ok,
      'a step-up',
    )
    ok(
      (await browser.keep(await sessions.signOut(await browser.request(path)), path)).revoked,
      'a sign-out',
    )
    equal(await browser.names(path), [], 'cookies after the sign-out')
  },
}))
