// What we send, as a strict cookie jar of another make takes it: tough-cookie, with prefixes
// enforced.
import { CookieJar } from 'tough-cookie'
import { equal, ok } from '../suite/assert.mjs'
import { createTestSite, ORIGIN } from '../suite/support.mjs'

/** The policies whose cookies differ, and where the refresh cookie travels. */
const POLICIES = [
  ['as it is by default', {}, '/here'],
  ['strict', { sameSite: 'strict' }, '/here'],
  ['with a readable CSRF token', { csrfCookie: true }, '/here'],
  ['until the browser is closed, by another name', {
    cookiePersistence: 'browser-session',
    cookieName: 'shop',
  }, '/here'],
  ['with a refresh cookie for one path', { refreshPath: '/session' }, '/session/refresh'],
]

/**
 * A browser whose jar is tough-cookie's. It refuses what a browser must refuse, and that is an
 * error here.
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
        `a cookie that is kept, not refused: ${line.replace(/=[^;]*/, '=...')}`,
      )
    }
    return answer
  }

  async names(path) {
    return (await this.#jar.getCookies(ORIGIN + path)).map(({ key }) => key).sort()
  }
}

export const cases = POLICIES.map(([words, policy, path]) => ({
  name: `a strict jar of another make keeps and sends our cookies ${words}`,
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
        'an access token that is believed',
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
    equal(await browser.names(path), [], 'cookies after it')
  },
}))
