import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import { createSignedInBrowser, createTestSite } from '../support.mjs'

const ACCESS = '__Host-portcullis-access'
const REFRESH = '__Host-portcullis-refresh-0'

/** Requests with an unsafe method: [words, headers, whether they are permitted]. */
const PROVENANCE = [
  ['same-origin', { 'sec-fetch-site': 'same-origin' }, true],
  ['initiated by the user', { 'sec-fetch-site': 'none' }, true],
  ['same-site, another host', { 'sec-fetch-site': 'same-site' }, false],
  ['cross-site', { 'sec-fetch-site': 'cross-site' }, false],
  ['a matching Origin alone', { 'sec-fetch-site': '', origin: 'https://app.example' }, true],
  ['another Origin alone', { 'sec-fetch-site': '', origin: 'https://evil.example' }, false],
  [
    'the same host on another port',
    { 'sec-fetch-site': '', origin: 'https://app.example:8443' },
    false,
  ],
  ['Origin: null', { 'sec-fetch-site': '', origin: 'null' }, false],
  ['an invalid Origin', { 'sec-fetch-site': '', origin: 'app.example' }, false],
  ['cross-site with a matching Origin', {
    'sec-fetch-site': 'cross-site',
    origin: 'https://app.example',
  }, false],
  ['neither header', { 'sec-fetch-site': '' }, false],
]

export const cases = [
  {
    name: 'cookies are __Host-, HttpOnly, Secure, SameSite=Lax, and never cached',
    async run(world) {
      const { sessions, browser } = createTestSite(world)
      const { headers } = await sessions.signIn(browser.request(), { subject: 'user-1' })
      const lines = headers.getSetCookie()
      equal(lines.map((line) => line.split('=')[0]), [ACCESS, REFRESH], 'names')
      for (const line of lines) {
        ok(
          line.endsWith('; Secure; HttpOnly; SameSite=Lax') && line.includes('; Path=/; Max-Age=')
            && !/domain/i.test(line),
          `the attributes of ${line.replace(/=[^;]*/, '=...')}`,
        )
      }
      equal([headers.get('cache-control'), headers.get('vary')], ['no-store', 'Cookie'], 'caching')
      const strict = await createTestSite(world, { policy: { sameSite: 'strict' } }).sessions
        .signIn(
          browser.request(),
          { subject: 'user-1' },
        )
      ok(
        strict.headers.getSetCookie().every((line) => line.endsWith('SameSite=Strict')),
        'SameSite=Strict on request',
      )
    },
  },
  ...PROVENANCE.map(([words, headers, let_through]) => ({
    name: `the origin of an unsafe request: ${words} is ${let_through ? 'accepted' : 'rejected'}`,
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const request = () => browser.request({ headers })
      const calls = [
        () => sessions.authenticate(request()),
        () => sessions.refresh(request()),
        () => sessions.signIn(request(), { subject: 'user-1' }),
        () => sessions.signOut(request()),
      ]
      for (const call of calls) {
        const answer = await call()
        if (let_through) ok(answer.code !== 'ERR_CROSS_ORIGIN', 'no ERR_CROSS_ORIGIN')
        else {
          rejected(answer, 'ERR_CROSS_ORIGIN', 403)
          equal(answer.headers.getSetCookie(), [], 'cookies')
        }
      }
    },
  })),
  {
    name: 'a safe request may have any origin',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        equal(
          sessions.authenticate(
            browser.request({ method, headers: { 'sec-fetch-site': 'cross-site' } }),
          ).ok,
          true,
          method,
        )
      }
    },
  },
  {
    name: 'missing, malformed and oversize cookies are rejected and not cleared',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const { cookie } = browser
      const table = [
        ['', 'ERR_TOKEN_MISSING', 'ERR_REFRESH_MISSING'],
        [`${ACCESS}=x; ${REFRESH}=x`, 'ERR_TOKEN_MALFORMED', 'ERR_REFRESH_MALFORMED'],
        [`${ACCESS}=; ${REFRESH}=`, 'ERR_TOKEN_MALFORMED', 'ERR_REFRESH_MALFORMED'],
        [`${cookie}; ${cookie}`, 'ERR_COOKIE_HEADER', 'ERR_COOKIE_HEADER'],
        [`pad=${'x'.repeat(16384)}; ${cookie}`, 'ERR_COOKIE_HEADER', 'ERR_COOKIE_HEADER'],
        [`${'a=1; '.repeat(179)}${cookie}`, 'ERR_COOKIE_HEADER', 'ERR_COOKIE_HEADER'],
        [
          `${ACCESS}="${browser.accessToken}"; ${REFRESH}="${browser.refreshToken}"`,
          'ERR_TOKEN_MALFORMED',
          'ERR_REFRESH_MALFORMED',
        ],
        [
          `${ACCESS.toLowerCase()}=${browser.accessToken}`,
          'ERR_TOKEN_MISSING',
          'ERR_REFRESH_MISSING',
        ],
      ]
      for (const [header, access, refresh] of table) {
        const answers = [
          sessions.authenticate(browser.request({ cookie: header })),
          await sessions.refresh(browser.request({ cookie: header })),
        ]
        equal(answers.map(({ code }) => code), [access, refresh], header.slice(0, 60))
        equal(answers.flatMap(({ headers }) => headers.getSetCookie()), [], 'cookies')
      }
      equal(
        (await sessions.refresh(browser.request({ cookie: `a=1;\t ${cookie} ;b` }))).ok,
        true,
        'tabs, spaces and other cookies',
      )
      equal(
        (await sessions.signOut(browser.request({ cookie: `pad=${'x'.repeat(20000)}` }))).ok,
        true,
        'sign-out with an oversize header',
      )
    },
  },
  {
    name: 'a refresh token is rejected if any character is changed',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const token = browser.refreshToken
      ok(
        token.length <= 250 && token.startsWith('pcr1_'),
        'a token of at most 250 characters with a prefix',
      )
      const changed = [...token].map((character, n) =>
        token.slice(0, n) + (character === 'A' ? 'B' : 'A') + token.slice(n + 1)
      )
      for (
        const bad of [
          ...changed,
          `${token}A`,
          token.slice(0, -1),
          ` ${token.slice(5)}`,
          token.toUpperCase(),
          `${token}=`,
        ]
      ) {
        const { code } = await sessions.refresh(browser.request({ cookie: `${REFRESH}=${bad}` }))
        equal(code, 'ERR_REFRESH_MALFORMED', bad)
      }
    },
  },
  {
    name: 'no token is accepted for another purpose',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      equal(
        sessions.authenticate(browser.request({ cookie: `${ACCESS}=${browser.refreshToken}` }))
          .code,
        'ERR_TOKEN_MALFORMED',
        'a refresh token as access token',
      )
      equal(
        (await sessions.refresh(browser.request({ cookie: `${REFRESH}=${browser.accessToken}` })))
          .code,
        'ERR_REFRESH_MALFORMED',
        'an access token as refresh token',
      )
      const other = await createSignedInBrowser(world)
      equal(
        sessions.authenticate(other.browser.request()).code,
        'ERR_TOKEN_SIGNATURE',
        'a token of another site',
      )
      equal(
        (await sessions.refresh(other.browser.request())).code,
        'ERR_REFRESH_MALFORMED',
        'a refresh token of another site',
      )
    },
  },
  {
    name: 'invalid arguments are errors',
    async run(world) {
      const { sessions, browser, session } = await createSignedInBrowser(world)
      const signIn = (options) => () =>
        sessions.signIn(browser.request(), { subject: 'user-1', ...options })
      const cyclic = {}
      cyclic.self = cyclic
      const bad = [
        signIn({ subject: '' }),
        signIn({ subject: 'x'.repeat(257) }),
        signIn({ subject: undefined }),
        signIn({ subject: '\ud800' }),
        signIn({ subject: 'x'.repeat(20_000_000) }),
        signIn({ data: 'x'.repeat(20_000_000) }),
        signIn({ label: 'x'.repeat(20_000_000) }),
        signIn({ amr: Array(1_000_000).fill('pwd') }),
        () => sessions.list('x'.repeat(20_000_000)),
        () => sessions.revoke('x'.repeat(20_000_000)),
        signIn({ data: 'x'.repeat(1023) }),
        signIn({ data: cyclic }),
        signIn({ data: () => 1 }),
        signIn({ acr: 'x'.repeat(65) }),
        signIn({ amr: Array(9).fill('pwd') }),
        signIn({ amr: 'pwd' }),
        signIn({ label: '' }),
        signIn({ label: 'x'.repeat(65) }),
        () => sessions.revoke('nonsense'),
        () => sessions.revoke(`${session.id}A`),
        () => sessions.revoke(undefined),
        () => sessions.revokeAll(''),
        () => sessions.revokeAll('user-1', { except: 'nonsense' }),
        () => sessions.list(''),
        () => sessions.list(7),
        () => sessions.authenticate({}),
        () => sessions.authenticate({ method: 'GET', url: '/here', headers: new Headers() }),
        () => sessions.refresh(undefined),
      ]
      for (const call of bad) await throwsCode('ERR_ARGUMENT', call)
      equal((await sessions.list('user-1')).length, 1, 'sessions afterwards')
      for (
        const good of [{ subject: 'x'.repeat(256) }, { data: 'x'.repeat(1022) }, { subject: 'é😀' }]
      ) equal((await signIn(good)()).ok, true, 'at the limit')
      equal((await sessions.list('é😀'))[0].subject, 'é😀', 'a subject that is not ASCII')
    },
  },
  {
    name: 'the names in application data change no object',
    async run(world) {
      const data = JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}')
      const { session } = await createSignedInBrowser(world, {}, { subject: 'user-1', data })
      equal(JSON.stringify(session.data), JSON.stringify(data), 'data')
      equal([session.data.admin, {}.admin], [undefined, undefined], 'prototypes')
    },
  },
]
