// The checks of requests, and the transport of tokens: CSRF tokens, bearer tokens, prefetches and
// cookie names.
import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import { createSignedInBrowser, createTestSite } from '../support.mjs'

/** A request without Sec-Fetch-Site and Origin. */
const SILENT = { 'sec-fetch-site': '' }

/**
 * Headers of the prefetches of browsers and frameworks: [words, headers, whether they mark a
 * prefetch].
 */
const PREFETCHES = [
  ['Sec-Purpose: prefetch', { 'sec-purpose': 'prefetch' }, true],
  ['Sec-Purpose: prefetch;prerender', { 'sec-purpose': 'prefetch;prerender' }, true],
  ['Purpose: prefetch', { purpose: 'prefetch' }, true],
  ['X-Purpose: preview', { 'x-purpose': 'preview' }, true],
  ['X-Moz: prefetch', { 'x-moz': 'prefetch' }, true],
  ['Next-Router-Prefetch: 1', { 'next-router-prefetch': '1' }, true],
  ['X-Middleware-Prefetch: 1', { 'x-middleware-prefetch': '1' }, true],
  ['Purpose: something else', { purpose: 'navigate' }, false],
  ['no such header', {}, false],
]

export const cases = [
  {
    name: 'a CSRF token permits a request without origin headers, but not a cross-site request',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const token = sessions.csrfToken(sessions.authenticate(browser.request({ method: 'GET' })))
      const post = (headers) => browser.request({ headers: { ...SILENT, ...headers } })
      rejected(sessions.authenticate(post({})), 'ERR_CROSS_ORIGIN', 403)
      rejected(sessions.authenticate(post({ 'x-csrf-token': 'x' })), 'ERR_CSRF_TOKEN', 403)
      rejected(
        sessions.authenticate(post({ 'x-csrf-token': token, 'sec-fetch-site': 'cross-site' })),
        'ERR_CROSS_ORIGIN',
        403,
      )
      equal(sessions.authenticate(post({ 'x-csrf-token': token })).ok, true, 'by header')
      equal(sessions.authenticate(post({}), { csrfToken: token }).ok, true, 'by form field')
      equal(
        (await sessions.authenticate(post({}), { checkStore: true, csrfToken: token })).ok,
        true,
        'with checkStore',
      )
      rejected(
        sessions.authenticate(post({ 'x-csrf-token': token }), { csrfToken: '' }),
        'ERR_CSRF_TOKEN',
        403,
      )
    },
  },
  {
    name: 'if the policy requires CSRF tokens, an unsafe request needs a token of its session',
    async run(world) {
      const { sessions, browser, clock } = await createSignedInBrowser(world, {
        policy: { csrf: 'origin-and-token' },
      })
      const answer = sessions.authenticate(browser.request({ method: 'GET' }))
      equal(answer.ok, true, 'a safe request')
      const token = sessions.csrfToken(answer)
      const post = (csrf) =>
        sessions.authenticate(
          browser.request({ headers: csrf === undefined ? {} : { 'x-csrf-token': csrf } }),
        )
      rejected(post(), 'ERR_CSRF_TOKEN', 403)
      equal(post(token).ok, true, 'with the token')
      equal(post(sessions.csrfToken(answer)).ok, true, 'with another token of the session')
      const other = await createSignedInBrowser(world, { policy: { csrf: 'origin-and-token' } })
      rejected(post(other.sessions.csrfToken(other)), 'ERR_CSRF_TOKEN', 403)
      clock.advance(40)
      browser.keep(await sessions.refresh(browser.request()))
      equal(post(token).ok, true, 'after a refresh')
      clock.advance(40)
      browser.keep(await sessions.stepUp(browser.request(), { acr: 'aal2' }))
      rejected(post(token), 'ERR_CSRF_TOKEN', 403)
      for (const bad of [`${token}\0/hooks`, 'é', token.toUpperCase()]) {
        rejected(
          sessions.authenticate(browser.request(), { csrfToken: bad }),
          'ERR_CSRF_TOKEN',
          403,
        )
      }
      for (const bad of [7, null, {}]) {
        await throwsCode(
          'ERR_ARGUMENT',
          () => sessions.authenticate(browser.request(), { csrfToken: bad }),
        )
      }
      for (
        const bad of [{}, { session: null }, {
          session: { id: 'x', authenticatedAtMs: 1_900_000_000_000, acr: null },
        }]
      ) await throwsCode('ERR_ARGUMENT', () => sessions.csrfToken(bad))
    },
  },
  ...PREFETCHES.map(([words, headers, ahead]) => ({
    name: `a prefetch changes no session: ${words} marks ${ahead ? 'a' : 'no'} prefetch`,
    async run(world) {
      const { sessions, browser, clock } = await createSignedInBrowser(world)
      clock.advance(31)
      const request = () => browser.request({ method: 'GET', headers })
      equal(sessions.authenticate(request()).ok, true, 'accepted')
      for (
        const call of [
          () => sessions.refresh(request()),
          () => sessions.stepUp(request()),
          () => sessions.signIn(request(), { subject: 'user-1' }),
          () => sessions.signOut(request()),
        ]
      ) {
        const answer = await call()
        equal(answer.code === 'ERR_PREFETCH', ahead, 'rejected as a prefetch')
        if (!ahead) return
        rejected(answer, 'ERR_PREFETCH', 409)
        equal([...answer.headers], [], 'headers')
      }
      equal((await sessions.list('user-1')).map(({ generation }) => generation), [0], 'the session')
    },
  })),
  {
    name:
      'in bearer transport, the application transports the tokens, and no cookie is set or read',
    async run(world) {
      const { sessions, browser, clock } = createTestSite(world, {
        policy: { transport: 'bearer' },
      })
      const from = (headers) =>
        browser.request({ headers: { 'sec-fetch-site': 'cross-site', ...headers } })
      const start = await sessions.signIn(from({}), { subject: 'user-1' })
      equal(
        [
          start.headers.getSetCookie(),
          start.headers.get('cache-control'),
          typeof start.refreshToken,
        ],
        [[], 'no-store', 'string'],
        'sign-in',
      )
      const bearer = { authorization: `Bearer ${start.accessToken}` }
      equal(sessions.authenticate(from(bearer)).ok, true, 'accepted')
      equal(
        (await sessions.authenticate(from(bearer), { checkStore: true })).ok,
        true,
        'with checkStore',
      )
      rejected(sessions.authenticate(from({})), 'ERR_TOKEN_MISSING', 401)
      rejected(
        sessions.authenticate(
          browser.request({
            headers: bearer,
            cookie: `__Host-portcullis-access=${start.accessToken}`,
          }),
        ),
        'ERR_CREDENTIALS_CONFLICT',
        400,
      )
      clock.advance(31)
      const { refreshToken } = start
      rejected(await sessions.refresh(from({})), 'ERR_REFRESH_MISSING', 401)
      rejected(
        await sessions.refresh(
          browser.request({ cookie: `__Host-portcullis-refresh-0=${refreshToken}` }),
          { refreshToken },
        ),
        'ERR_CREDENTIALS_CONFLICT',
        400,
      )
      const next = await sessions.refresh(from({}), { refreshToken })
      ok(next.ok && next.rotated && next.refreshToken !== refreshToken, 'another token')
      const retry = await sessions.refresh(from({}), { refreshToken })
      equal(retry.refreshToken, next.refreshToken, 'the same successor again')
      clock.advance(31)
      const stepped = await sessions.stepUp(from({}), {
        refreshToken: next.refreshToken,
        acr: 'aal2',
      })
      equal(
        [stepped.ok, stepped.session.acr, stepped.headers.getSetCookie()],
        [true, 'aal2', []],
        'step-up',
      )
      for (const bad of ['', 'x', 'pcr_x', '\0', 'é'.repeat(5000)]) {
        rejected(
          await sessions.refresh(from({}), { refreshToken: bad }),
          'ERR_REFRESH_MALFORMED',
          401,
        )
      }
      await throwsCode('ERR_ARGUMENT', () => sessions.refresh(from({}), { refreshToken: 7 }))
      const out = await sessions.signOut(from({}), { refreshToken: stepped.refreshToken })
      equal([out.ok, out.revoked, out.headers.getSetCookie()], [true, true, []], 'sign-out')
      rejected(
        await sessions.refresh(from({}), { refreshToken: stepped.refreshToken }),
        'ERR_SESSION_REVOKED',
        401,
      )
    },
  },
  {
    name: 'in bearer transport only, every 401 has a challenge, with an error if a token was sent',
    async run(world) {
      const { sessions, browser, clock } = createTestSite(world, {
        policy: { transport: 'bearer' },
      })
      const bearing = (token) =>
        browser.request({ method: 'GET', headers: { authorization: token } })
      const start = await sessions.signIn(browser.request(), { subject: 'user-1' })
      const { accessToken, refreshToken } = start
      const said = async (answer, code) => {
        const found = await answer
        rejected(found, code, 401)
        const { headers, response } = found
        if (response !== undefined) {
          equal(
            response.headers.get('www-authenticate'),
            headers.get('www-authenticate'),
            'the challenge of the response',
          )
        }
        return headers.get('www-authenticate')
      }
      const invalid = 'Bearer error="invalid_token"'
      equal(
        [
          await said(sessions.authenticate(browser.request()), 'ERR_TOKEN_MISSING'),
          await said(sessions.protect(browser.request()), 'ERR_TOKEN_MISSING'),
        ],
        ['Bearer', 'Bearer'],
        'without a token',
      )
      equal(
        await said(sessions.protect(bearing('Basic YTpi')), 'ERR_TOKEN_MISSING'),
        'Bearer',
        'with another scheme',
      )
      equal(
        await said(sessions.authenticate(bearing('Bearer x')), 'ERR_TOKEN_MALFORMED'),
        invalid,
        'with a malformed token',
      )
      equal(
        await said(
          sessions.authenticate(bearing(`Bearer ${accessToken}x`), { checkStore: true }),
          'ERR_TOKEN_SIGNATURE',
        ),
        invalid,
        'with an invalid signature and checkStore',
      )
      equal(
        [
          await said(sessions.refresh(browser.request()), 'ERR_REFRESH_MISSING'),
          await said(
            sessions.refresh(browser.request(), { refreshToken: 'x' }),
            'ERR_REFRESH_MALFORMED',
          ),
        ],
        ['Bearer', invalid],
        'at a refresh',
      )
      equal(
        await said(
          sessions.stepUp(browser.request(), { refreshToken: 'x' }),
          'ERR_REFRESH_MALFORMED',
        ),
        invalid,
        'at a step-up',
      )
      const route = await sessions.handle(
        new Request('https://app.example/session/list', {
          headers: { authorization: `Bearer ${accessToken}x` },
        }),
      )
      equal([route.status, route.headers.get('www-authenticate')], [401, invalid], 'at a route')
      await sessions.signOut(browser.request(), { refreshToken })
      equal(
        await said(
          sessions.protect(bearing(`Bearer ${accessToken}`), { checkStore: true }),
          'ERR_SESSION_REVOKED',
        ),
        invalid,
        'with the token of a revoked session',
      )
      clock.advance(3600)
      equal(
        await said(sessions.protect(bearing(`Bearer ${accessToken}`)), 'ERR_TOKEN_EXPIRED'),
        invalid,
        'with an expired token',
      )
      const both = browser.request({
        headers: { authorization: `Bearer ${accessToken}` },
        cookie: `__Host-portcullis-access=${accessToken}`,
      })
      equal(
        sessions.authenticate(both).headers.get('www-authenticate'),
        null,
        'a rejection other than 401',
      )
      equal(
        await said(
          createTestSite(world).sessions.protect(browser.request({ cookie: '' })),
          'ERR_TOKEN_MISSING',
        ),
        null,
        'in cookie transport',
      )
    },
  },
  {
    name:
      'a sign-in in bearer transport ends the session of the refresh token that is sent with it',
    async run(world) {
      const { sessions, browser } = createTestSite(world, { policy: { transport: 'bearer' } })
      const first = await sessions.signIn(browser.request(), { subject: 'user-1' })
      const second = await sessions.signIn(browser.request(), {
        subject: 'user-1',
        refreshToken: first.refreshToken,
      })
      equal((await sessions.list('user-1')).map(({ id }) => id), [second.session.id], 'sessions')
    },
  },
  {
    name:
      'in cookie transport, results have no refresh token, and the Authorization header is ignored',
    async run(world) {
      const { sessions, browser, clock } = createTestSite(world)
      const start = browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' }))
      equal(start.refreshToken, null, 'at sign-in')
      clock.advance(31)
      equal(
        browser.keep(await sessions.refresh(browser.request())).refreshToken,
        null,
        'at a refresh',
      )
      equal(
        sessions.authenticate(browser.request({ headers: { authorization: 'Bearer abc' } })).ok,
        true,
        'with a bearer token',
      )
      rejected(
        sessions.authenticate(
          browser.request({
            cookie: '',
            headers: { authorization: `Bearer ${start.accessToken}` },
          }),
        ),
        'ERR_TOKEN_MISSING',
        401,
      )
    },
  },
  {
    name:
      'cookies follow the policy: name, path, persistence, readable CSRF token, Clear-Site-Data',
    async run(world) {
      const policy = {
        cookieName: 'shop',
        refreshPath: '/session',
        cookiePersistence: 'browser-session',
        csrfCookie: true,
        clearSiteData: ['cache', 'storage'],
      }
      const { sessions, browser } = createTestSite(world, { policy })
      const start = await sessions.signIn(browser.request(), { subject: 'user-1' })
      const lines = start.headers.getSetCookie().map((line) => line.replace(/=[^;]*/, '='))
      equal(lines, [
        '__Host-shop-access=; Path=/; Secure; HttpOnly; SameSite=Lax',
        '__Secure-shop-refresh-0=; Path=/session; Secure; HttpOnly; SameSite=Lax',
        '__Host-shop-csrf=; Path=/; Secure; SameSite=Lax',
      ], 'cookies')
      browser.keep(start)
      const token = browser.jar.get('__Host-shop-csrf')
      equal(
        sessions.authenticate(browser.request({ headers: { ...SILENT, 'x-csrf-token': token } }))
          .ok,
        true,
        'the readable CSRF token',
      )
      const out = await sessions.signOut(browser.request())
      equal(
        [out.revoked, out.headers.get('clear-site-data')],
        [true, '"cache", "storage"'],
        'sign-out',
      )
      equal(
        out.headers.getSetCookie().map((line) => /^[^=]+=; Path=[^;]+; Max-Age=0/.exec(line)?.[0]),
        [
          '__Host-shop-access=; Path=/; Max-Age=0',
          '__Secure-shop-refresh-0=; Path=/session; Max-Age=0',
          '__Host-shop-csrf=; Path=/; Max-Age=0',
        ],
        'the cleared cookies',
      )
    },
  },
  {
    name: 'trusted origins and exempt paths are exact, and paths are compared without decoding',
    async run(world) {
      const policy = {
        trustedOrigins: ['https://admin.app.example'],
        dangerousCsrfExemptPaths: ['/hooks/', 'POST /saml/{idp}'],
      }
      const { sessions, browser } = await createSignedInBrowser(world, { policy })
      const from = (origin, path = '/here', method = 'POST') => {
        const made = browser.request({
          method,
          headers: { 'sec-fetch-site': 'cross-site', origin },
        })
        const url = `${browser.origin}${path}`
        return sessions.authenticate({ method, headers: made.headers, url })
      }
      equal(from('https://admin.app.example').ok, true, 'a trusted origin')
      rejected(from('https://evil.example'), 'ERR_CROSS_ORIGIN', 403)
      for (const path of ['/hooks/', '/hooks/a', '/hooks/a/b?x=1', '/saml/okta']) {
        equal(from('https://evil.example', path).ok, true, path)
      }
      for (
        const path of [
          '/hooks',
          '/Hooks/a',
          '/%68ooks/a',
          '/hooks/../here',
          '/hooks/%2e%2e/here',
          '/saml/',
          '/saml/a/b',
          '/here?/hooks/a',
          '/here#/hooks/a',
        ]
      ) rejected(from('https://evil.example', path), 'ERR_CROSS_ORIGIN', 403)
      rejected(from('https://evil.example', '/saml/okta', 'PUT'), 'ERR_CROSS_ORIGIN', 403)
    },
  },
  {
    name: 'an invalid policy for requests and cookies is rejected',
    async run(world) {
      const bad = [
        { cookieName: 'a b' },
        { cookieName: '' },
        { cookiePersistence: 'ever' },
        { refreshPath: 'session' },
        { transport: 'header' },
        { csrf: 'none' },
        { csrfCookie: 'yes' },
        { trustedOrigins: ['*'] },
        { trustedOrigins: 'https://a.example' },
        { dangerousCsrfExemptPaths: ['hooks'] },
        { clearSiteData: ['everything'] },
      ]
      for (const policy of bad) {
        await throwsCode('ERR_CONFIG', () => createTestSite(world, { policy }))
      }
    },
  },
]
