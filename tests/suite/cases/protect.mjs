// sessions.protect: every row of the table in pkg/src/web/protect.ts, and the rules for all rows.
import { withHeaders } from 'portcullis'
import { forceTrap } from 'portcullis/testing'
import { clears, equal, ok, throwsCode } from '../assert.mjs'
import {
  collectEvents,
  createSignedInBrowser,
  createTestSite,
  createWatchedStore,
} from '../support.mjs'

const get = { method: 'GET' }
const prefetch = { method: 'GET', headers: { 'sec-purpose': 'prefetch' } }
const LEEWAY = 30

/** A signed-in browser on a store that counts its calls. The first use of its token is recorded. */
async function visitor(world, policy = {}) {
  const { later, options } = collectEvents({ store: createWatchedStore(world.openStore()), policy })
  const all = await createSignedInBrowser(world, options, {
    subject: 'user-1',
    data: { plan: 'pro' },
  })
  const { claims } = all.sessions.authenticate(all.browser.request(get))
  await Promise.all(later)
  Object.assign(options.store.calls, { get: 0, swap: 0 })
  return { ...all, later, store: options.store, lifetime: claims.exp - claims.iat }
}

/** Another tab refreshes and uses its new token, before or after the old token has expired. */
async function createOvertakenSite(all, beforeEnd) {
  const { sessions, clock, browser, later, store, lifetime } = all
  clock.advance(lifetime - beforeEnd)
  const other = browser.copy()
  other.keep(await sessions.refresh(other.request()))
  sessions.authenticate(other.request())
  await Promise.all(later)
  // The concurrent-refresh window is over, the in-flight window is not.
  clock.advance(15)
  Object.assign(store.calls, { get: 0, swap: 0 })
}

const createUnavailableStore = ({ store }) => (store.faults.get = () => {
  throw new Error('down')
})
const withoutRefresh = ({ browser }) => browser.jar.delete('__Host-portcullis-refresh-0')
const end = (all, seconds) => all.clock.advance(all.lifetime + seconds)

/**
 * [row, words, preparation, request, options, and the expected code, status, cookies set, cookies
 * cleared, Retry-After, gets, swaps]. The code of a success is null. A rotation clears the refresh
 * cookie that it replaces.
 */
const ROWS = [
  [1, 'far from its end', (all) => all.clock.advance(100), get, {}, null, 200, 0, 0, null, 0, 0],
  [
    1,
    'valid for more than a minute, with the default options',
    (all) => end(all, -61),
    get,
    {},
    null,
    200,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    1,
    'at its end, with no early refresh',
    (all) => end(all, -1),
    get,
    { refreshEarlySeconds: 0 },
    null,
    200,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    1,
    'in the first half of its lifetime, with a longer early refresh',
    (all) => all.clock.advance(140 * (all.lifetime / 300)),
    get,
    { refreshEarlySeconds: 3600 },
    null,
    200,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    1,
    'far from its end, with checkStore',
    (all) => all.clock.advance(100),
    get,
    { checkStore: true },
    null,
    200,
    0,
    0,
    null,
    1,
    0,
  ],
  [
    1,
    'far from its end but revoked, with checkStore',
    ({ sessions, session, store }) =>
      sessions.revoke(session.id).then(() => (store.calls.get = store.calls.swap = 0)),
    get,
    { checkStore: true },
    'ERR_SESSION_REVOKED',
    401,
    0,
    0,
    null,
    1,
    0,
  ],
  [
    1,
    'far from its end, with checkStore on an unavailable store',
    createUnavailableStore,
    get,
    { checkStore: true },
    'ERR_STORE_UNAVAILABLE',
    503,
    0,
    0,
    '1',
    1,
    0,
  ],
  [2, 'near its end', (all) => end(all, -30), get, {}, null, 200, 2, 1, null, 1, 1],
  [
    2,
    'near its end, by an unsafe request',
    (all) => end(all, -30),
    {},
    {},
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    2,
    'near its end, with a longer early refresh',
    (all) => end(all, -119),
    get,
    { refreshEarlySeconds: 120 },
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    2,
    'expired, but within the leeway',
    (all) => end(all, LEEWAY - 1),
    get,
    { refreshEarlySeconds: 0 },
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    2,
    'near its end, with checkStore',
    (all) => end(all, -30),
    get,
    { checkStore: true },
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    3,
    'near its end, and the session is revoked',
    async (
      all,
    ) => (end(all, -30),
      await all.sessions.revoke(all.session.id),
      (all.store.calls.get = all.store.calls.swap = 0)),
    get,
    {},
    'ERR_SESSION_REVOKED',
    401,
    0,
    2,
    null,
    1,
    0,
  ],
  [
    4,
    'near its end, and the store is unavailable',
    (all) => (end(all, -30), createUnavailableStore(all)),
    get,
    {},
    null,
    200,
    0,
    0,
    null,
    1,
    0,
  ],
  [
    4,
    'near its end, with checkStore on an unavailable store',
    (all) => (end(all, -30), createUnavailableStore(all)),
    get,
    { checkStore: true },
    'ERR_STORE_UNAVAILABLE',
    503,
    0,
    0,
    '1',
    2,
    0,
  ],
  [
    4,
    'near its end, and another tab has refreshed',
    (all) => createOvertakenSite(all, 40),
    get,
    {},
    null,
    200,
    0,
    0,
    null,
    1,
    0,
  ],
  [
    4,
    'near its end, and there is no refresh cookie',
    (all) => (end(all, -30), withoutRefresh(all)),
    get,
    {},
    null,
    200,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    4,
    'near its end, by a prefetch',
    (all) => end(all, -30),
    prefetch,
    {},
    null,
    200,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    5,
    'from another site',
    (all) => end(all, LEEWAY + 1),
    { headers: { 'sec-fetch-site': 'cross-site' } },
    {},
    'ERR_CROSS_ORIGIN',
    403,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    5,
    'sent in two cookies of one name',
    ({ browser }) => browser.jar.set(' __Host-portcullis-access', 'x'),
    get,
    {},
    'ERR_COOKIE_HEADER',
    400,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    6,
    'missing, without any cookie',
    ({ browser }) => browser.jar.clear(),
    get,
    {},
    'ERR_TOKEN_MISSING',
    401,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    6,
    'missing, without any cookie, by a prefetch',
    ({ browser }) => browser.jar.clear(),
    prefetch,
    {},
    'ERR_TOKEN_MISSING',
    401,
    0,
    0,
    null,
    0,
    0,
  ],
  [7, 'expired', (all) => end(all, LEEWAY + 1), get, {}, null, 200, 2, 1, null, 1, 1],
  [
    7,
    'expired, by an unsafe request',
    (all) => end(all, LEEWAY + 1),
    {},
    {},
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    7,
    'expired, with checkStore',
    (all) => end(all, LEEWAY + 1),
    get,
    { checkStore: true },
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    7,
    'missing',
    ({ browser, clock }) => (clock.advance(31), browser.jar.delete('__Host-portcullis-access')),
    get,
    {},
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    7,
    'missing within the minimum rotation interval',
    ({ browser }) => browser.jar.delete('__Host-portcullis-access'),
    get,
    {},
    null,
    200,
    1,
    0,
    null,
    1,
    0,
  ],
  [
    7,
    'malformed',
    ({ browser, clock }) => (clock.advance(31), browser.jar.set('__Host-portcullis-access', 'x')),
    get,
    {},
    null,
    200,
    2,
    1,
    null,
    1,
    1,
  ],
  [
    8,
    'expired, and there is no refresh cookie',
    (all) => (end(all, LEEWAY + 1), withoutRefresh(all)),
    get,
    {},
    'ERR_TOKEN_EXPIRED',
    401,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    8,
    'missing, with cookies of the application only',
    ({ browser }) => (browser.jar.clear(), browser.jar.set('theme', 'dark')),
    get,
    {},
    'ERR_TOKEN_MISSING',
    401,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    9,
    'expired, and the refresh token is malformed',
    (all) => (end(all, LEEWAY + 1), all.browser.jar.set('__Host-portcullis-refresh-0', 'x')),
    get,
    {},
    'ERR_REFRESH_MALFORMED',
    401,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    9,
    'expired, and another tab has refreshed',
    (all) => createOvertakenSite(all, -20),
    get,
    {},
    'ERR_SUPERSEDED',
    409,
    0,
    0,
    '1',
    1,
    0,
  ],
  [
    9,
    'expired, by a prefetch',
    (all) => end(all, LEEWAY + 1),
    prefetch,
    {},
    'ERR_PREFETCH',
    409,
    0,
    0,
    null,
    0,
    0,
  ],
  [
    9,
    'expired, and the session is revoked',
    async (
      all,
    ) => (end(all, LEEWAY + 1),
      await all.sessions.revoke(all.session.id),
      (all.store.calls.get = all.store.calls.swap = 0)),
    get,
    {},
    'ERR_SESSION_REVOKED',
    401,
    0,
    2,
    null,
    1,
    0,
  ],
  [
    10,
    'expired, and the store is unavailable',
    (all) => (end(all, LEEWAY + 1), createUnavailableStore(all)),
    get,
    {},
    'ERR_STORE_UNAVAILABLE',
    503,
    0,
    0,
    '1',
    1,
    0,
  ],
]

export const cases = [
  ...ROWS.map((
    [row, words, happen, request, options, code, status, set, cleared, retryAfter, gets, swaps],
  ) => ({
    name: `protect, row ${row}: an access token that is ${words}`,
    async run(world) {
      const all = await visitor(world)
      await happen(all)
      const { calls } = all.store
      const answer = await all.sessions.protect(all.browser.request(request), options)
      equal(
        [answer.ok, answer.code ?? null, answer.status ?? 200],
        [code === null, code, status],
        'the answer',
      )
      const { headers } = answer
      equal(
        [headers.getSetCookie().length - clears(headers), clears(headers)],
        [set, cleared],
        'cookies set and cleared',
      )
      equal([headers.get('retry-after'), headers.get('cache-control')], [
        retryAfter,
        set + cleared > 0 || !answer.ok ? 'no-store' : null,
      ], 'Retry-After and Cache-Control')
      if (answer.ok || set + cleared > 0) equal(headers.get('vary'), 'Cookie', 'Vary')
      equal([calls.get, calls.swap], [gets, swaps], 'gets and swaps')
      if (answer.ok) replies(world, answer)
      if (answer.ok) {
        equal([answer.refreshed, answer.session.id, answer.session.data ?? null], [
          set > 0,
          all.session.id,
          options.checkStore ? { plan: 'pro' } : null,
        ], 'the session')
      } else await readable(world, answer)
    },
  })),
  {
    name: 'each result has its own headers: a change to them affects no other result',
    async run(world) {
      const { sessions, browser } = await visitor(world)
      const [one, other] = await Promise.all([
        sessions.protect(browser.request(get)),
        sessions.protect(browser.request(get)),
      ])
      one.headers.set('vary', '*')
      one.headers.append('set-cookie', 'mine=1')
      equal([...other.headers], [['vary', 'Cookie']], 'another concurrent result')
      equal(
        [...(await sessions.protect(browser.request(get))).headers],
        [['vary', 'Cookie']],
        'a later result',
      )
      // The order is not compared, because Bun lists cookies last.
      equal(
        [...{ ...one }.headers].sort(),
        [['set-cookie', 'mine=1'], ['vary', '*']],
        'a copy of the result',
      )
    },
  },
  {
    name: 'reply makes a response with the headers of its result, including later changes',
    async run(world) {
      const { sessions, browser, clock, lifetime } = await visitor(world)
      const first = await sessions.protect(browser.request(get))
      const page = first.reply('a page', {
        status: 203,
        statusText: 'As told',
        headers: { 'content-type': 'text/plain', vary: 'Accept' },
      })
      equal(
        [page.status, page.statusText, await page.text()],
        [203, 'As told', 'a page'],
        'the response',
      )
      equal([page.headers.get('content-type'), page.headers.get('vary')], [
        'text/plain',
        'Accept, Cookie',
      ], 'its headers')
      equal(
        [
          first.reply().headers.get('vary'),
          first.reply().body,
          first.reply(null, { status: 204 }).status,
        ],
        ['Cookie', null, 204],
        'replies without a body',
      )
      equal(
        first.reply(null, { headers: [['vary', 'cookie']] }).headers.get('vary'),
        'cookie',
        'a Vary header that already has Cookie',
      )
      for (
        const headers of [
          { Vary: 'Accept', 'x-a': '1' },
          [['Vary', 'Accept'], ['x-a', '1']],
          new Headers({ vary: 'Accept', 'x-a': '1' }),
          Object.assign(Object.create(null), { vary: 'Accept', 'x-a': '1' }),
        ]
      ) {
        const said = first.reply('as told', { headers }).headers
        equal(
          [said.get('vary'), said.get('x-a')],
          ['Accept, Cookie', '1'],
          'headers in every form',
        )
      }
      const other = first.reply(
        'a copy',
        new Response(null, { status: 202, headers: { 'x-a': '1' } }),
      )
      equal([other.status, other.headers.get('x-a'), other.headers.get('vary')], [
        202,
        '1',
        'Cookie',
      ], 'the status and headers of another response')
      equal(
        [
          first.reply(null, null).headers.get('vary'),
          first.reply('x', { headers: { 'content-type': 'text/css' } }).headers.get('content-type'),
        ],
        ['Cookie', 'text/css'],
        'a null init, and a content type',
      )
      first.headers.set('x-mine', '1')
      equal(
        [...first.reply().headers].sort(),
        [['vary', 'Cookie'], ['x-mine', '1']],
        'after a header was added',
      )

      clock.advance(lifetime - 30)
      const { reply, headers } = await sessions.protect(browser.request(get))
      const away = reply(null, {
        status: 303,
        headers: { location: '/elsewhere', 'cache-control': 'public' },
      })
      equal(
        [
          away.status,
          away.headers.get('location'),
          away.headers.get('cache-control'),
          away.headers.get('vary'),
        ],
        [303, '/elsewhere', 'no-store', 'Cookie'],
        'a redirect after a refresh',
      )
      if (world.runtime.bareRequests) return
      equal(away.headers.getSetCookie(), headers.getSetCookie(), 'its cookies')
      const leaving = reply(null, {
        headers: [['set-cookie', '__Host-portcullis-access=; Max-Age=0']],
      })
      equal(
        leaving.headers.getSetCookie(),
        ['__Host-portcullis-access=; Max-Age=0'],
        'a cookie that the handler clears',
      )
    },
  },
  {
    name: 'after a refresh the claims and the session are those of the new access token',
    async run(world) {
      const { sessions, browser, clock, lifetime } = await visitor(world)
      const before = sessions.authenticate(browser.request(get))
      clock.advance(lifetime - 30)
      const answer = browser.keep(await sessions.protect(browser.request(get)))
      const after = sessions.authenticate(browser.request(get))
      equal([answer.claims, answer.session], [after.claims, after.session], 'the result of protect')
      ok(
        answer.claims.jti !== before.claims.jti && answer.session.generation === 1,
        'another token',
      )
      equal(Object.getPrototypeOf(answer.claims), null, 'the prototype of the claims')
    },
  },
  {
    name: 'protect does not use its new token: after a lost response, the client gets it again',
    async run(world) {
      const { sessions, browser, clock, later, lifetime } = await visitor(world)
      const lost = browser.copy()
      clock.advance(lifetime + LEEWAY + 1)
      const written = later.length
      browser.keep(await sessions.protect(browser.request(get)))
      equal(later.length, written, 'recorded first uses')
      clock.advance(3600)
      const again = lost.keep(await sessions.protect(lost.request(get)))
      equal(
        [again.ok, lost.refreshToken],
        [true, browser.refreshToken],
        'the same successor, an hour later',
      )
    },
  },
  {
    name: '64 concurrent requests of one browser with an expired access token sign nobody out',
    async run(world) {
      const { events, options } = collectEvents()
      const { sessions, browser, clock } = await createSignedInBrowser(world, options)
      for (let round = 0; round < 3; round += 1) {
        clock.advance(331)
        const answers = await Promise.all(
          Array.from(
            { length: 64 },
            () => sessions.protect(browser.request({ method: round === 1 ? 'POST' : 'GET' })),
          ),
        )
        for (const answer of answers) {
          ok(
            answer.ok
              || ([409, 503].includes(answer.status) && answer.headers.get('retry-after') === '1'),
            `a success or a temporary rejection, not ${answer.code}`,
          )
          ok(
            !answer.headers.getSetCookie().some((line) =>
              line.startsWith('__Host-portcullis-access=;')
            ),
            'no cleared access cookie',
          )
          browser.keep(answer)
        }
        ok(answers.some((answer) => answer.ok), 'a request that succeeds')
        equal((await sessions.protect(browser.request(get))).ok, true, 'the browser afterwards')
      }
      equal(
        [
          events.filter(({ type }) => type === 'reuse_detected').length,
          (await sessions.list('user-1')).length,
        ],
        [0, 1],
        'reuse events, and sessions',
      )
    },
  },
  {
    name:
      'a request without a required CSRF token is rejected, and keeps the cookies of its refresh',
    async run(world) {
      const { sessions, browser, clock, store, lifetime } = await visitor(world, {
        csrf: 'origin-and-token',
      })
      const token = sessions.csrfToken(sessions.authenticate(browser.request(get)))
      const rejected = await sessions.protect(browser.request())
      equal([rejected.code, rejected.status, rejected.headers.getSetCookie(), store.calls.get], [
        'ERR_CSRF_TOKEN',
        403,
        [],
        0,
      ], 'a rejection without a refresh')
      equal(
        (await sessions.protect(browser.request({ headers: { 'x-csrf-token': token } }))).ok,
        true,
        'with the token',
      )
      equal(
        (await sessions.protect(browser.request(), { csrfToken: token })).ok,
        true,
        'with the token in a form',
      )

      clock.advance(lifetime + LEEWAY + 1)
      const late = browser.keep(
        await sessions.protect(
          browser.request({
            headers: {
              'x-csrf-token': token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A')
                + token.at(-1),
            },
          }),
        ),
      )
      equal([late.code, late.status, late.headers.getSetCookie().length, clears(late.headers)], [
        'ERR_CSRF_TOKEN',
        403,
        3,
        1,
      ], 'a rejection with the cookies of the refresh')
      await readable(world, late)
      equal(
        [
          sessions.authenticate(browser.request(get)).ok,
          sessions.authenticate(browser.request(get)).session.generation,
        ],
        [true, 1],
        'the browser afterwards',
      )
      clock.advance(lifetime + LEEWAY + 1)
      for (
        const [headers, options] of [[{ 'x-csrf-token': token }, {}], [{}, { csrfToken: token }]]
      ) {
        equal(
          [(await sessions.protect(browser.request({ headers }), options)).refreshed],
          [true],
          'a token from before the refresh',
        )
      }
    },
  },
  {
    name: 'a trap of the core after a refresh does not lose the new cookies',
    async run(world) {
      const { sessions, browser, clock, lifetime } = await visitor(world)
      clock.advance(lifetime + LEEWAY + 1)
      const { method, url, headers } = browser.request(get)
      const stopping = {
        get: (name) => headers.get(name),
        has: (name) => headers.has(name),
        [Symbol.iterator]: () => forceTrap('abort'),
      }
      const answer = browser.keep(await sessions.protect({ method, url, headers: stopping }))
      equal(
        [
          answer.code,
          answer.status,
          answer.error?.code,
          answer.headers.getSetCookie().length,
          answer.headers.get('retry-after'),
        ],
        ['ERR_TRAP', 503, 'ERR_TRAP', 3, '1'],
        'the answer',
      )
      equal((await sessions.protect(browser.request(get))).ok, true, 'the browser afterwards')
    },
  },
  {
    name: 'if the refresh cookie is limited to a path, protect refreshes only below that path',
    async run(world) {
      const { sessions, browser, clock, store, lifetime } = await visitor(world, {
        refreshPath: '/session',
      })
      const [[name, value]] = [...browser.jar].filter(([name]) =>
        name.startsWith('__Secure-portcullis-refresh-')
      )
      browser.jar.delete(name)
      clock.advance(lifetime + LEEWAY + 1)
      const otherPlace = await sessions.protect(browser.request(get))
      equal([
        otherPlace.code,
        otherPlace.status,
        otherPlace.headers.getSetCookie(),
        store.calls.get,
      ], [
        'ERR_TOKEN_EXPIRED',
        401,
        [],
        0,
      ], 'outside the path')
      browser.jar.set(name, value)
      equal(
        (await sessions.protect(browser.request({ ...get, path: '/session/list' }))).refreshed,
        true,
        'below the path',
      )
    },
  },
  {
    name: 'in bearer transport, protect verifies the token and never refreshes',
    async run(world) {
      const { sessions, browser, clock } = createTestSite(world, {
        policy: { transport: 'bearer' },
      })
      const { accessToken } = await sessions.signIn(browser.request(), { subject: 'user-1' })
      const bearing = (more = {}) =>
        browser.request({
          headers: { authorization: `Bearer ${accessToken}`, 'sec-fetch-site': '', ...more },
        })
      const good = await sessions.protect(bearing())
      equal([good.ok, good.refreshed, [...good.headers]], [true, false, [[
        'vary',
        'Authorization',
      ]]], 'a valid token')
      const both = await sessions.protect(
        bearing({ cookie: `__Host-portcullis-access=${accessToken}` }),
      )
      equal([both.code, both.status], ['ERR_CREDENTIALS_CONFLICT', 400], 'beside a cookie')
      clock.advance(331)
      const late = await sessions.protect(bearing({ cookie: 'theme=dark' }))
      equal(
        [late.code, late.status, late.headers.getSetCookie()],
        ['ERR_TOKEN_EXPIRED', 401, []],
        'an expired token',
      )
    },
  },
  {
    name: 'permanent problems throw: a corrupt record, an invalid option, an invalid request',
    async run(world) {
      const { sessions, browser, clock, store, lifetime } = await visitor(world)
      clock.advance(lifetime + LEEWAY + 1)
      store.faults.get = async (real) => ({ ...(await real()), value: new Uint8Array(0) })
      await throwsCode('ERR_RECORD_CORRUPT', () => sessions.protect(browser.request(get)))
      for (const early of [-1, 3601, Number.NaN, '60', null]) {
        await throwsCode(
          'ERR_ARGUMENT',
          () => sessions.protect(browser.request(get), { refreshEarlySeconds: early }),
        )
      }
      await throwsCode(
        'ERR_CONFIG',
        () => sessions.protect(browser.request(get), { refreshEarly: 60 }),
      )
      await throwsCode('ERR_ARGUMENT', () => sessions.protect({}))
    },
  },
  {
    name:
      'withHeaders adds cookies to any response, and the cookies of the response take precedence',
    run({ runtime }) {
      // Browsers remove Set-Cookie from responses that scripts make, so that cookies are not
      // compared there.
      const cookies = (response) => (runtime.bareRequests ? [] : response.headers.getSetCookie())
      const here = (all) => (runtime.bareRequests ? [] : all)
      const ours = new Headers([['set-cookie', 'a=1; Path=/'], ['set-cookie', 'b=2'], [
        'cache-control',
        'no-store',
      ], ['vary', 'Cookie']])
      const theirs = new Response('body', {
        status: 201,
        statusText: 'Made',
        headers: [
          ['set-cookie', 'own=1'],
          ['set-cookie', 'b=; Max-Age=0'],
          ['vary', 'accept, COOKIE'],
          ['cache-control', 'public'],
          ['x-own', '1'],
        ],
      })
      const both = withHeaders(theirs, ours)
      equal(
        cookies(both),
        here(['own=1', 'b=; Max-Age=0']),
        'cookies, if the response has one of the same name',
      )
      equal(
        cookies(withHeaders(new Response(null, { headers: { 'set-cookie': 'own=1' } }), ours)),
        here(['own=1', 'a=1; Path=/', 'b=2']),
        'cookies, if the response has none of the same name',
      )
      equal(
        [
          both.status,
          both.statusText,
          both.headers.get('cache-control'),
          both.headers.get('vary'),
          both.headers.get('x-own'),
        ],
        [201, 'Made', 'no-store', 'accept, COOKIE', '1'],
        'the rest',
      )
      equal([cookies(theirs), theirs.headers.get('cache-control')], [
        here(['own=1', 'b=; Max-Age=0']),
        'public',
      ], 'the response itself')
      const away = withHeaders(Response.redirect('https://app.example/sign-in', 303), ours)
      equal([away.status, away.headers.get('location'), cookies(away), away.headers.get('vary')], [
        303,
        'https://app.example/sign-in',
        here(['a=1; Path=/', 'b=2']),
        'Cookie',
      ], 'a redirect')
      equal(
        withHeaders(new Response(null, { status: 204, headers: { vary: '*' } }), ours).headers.get(
          'vary',
        ),
        '*',
        'a star',
      )
    },
  },
]

/** Checks that the responses of `reply` and of `withHeaders` have the same headers. */
function replies({ runtime }, { reply, headers }) {
  const both = [reply('here'), withHeaders(new Response('here'), headers)].map((
    { headers },
  ) => [
    headers.get('vary'),
    headers.get('cache-control'),
    headers.get('content-type'),
    runtime.bareRequests ? [] : headers.getSetCookie(),
  ])
  equal(both[0], both[1], 'the headers of a reply')
}

/**
 * Checks that the response of a rejection agrees with the rejection. Browsers remove Set-Cookie
 * from responses that scripts make.
 */
async function readable({ runtime }, answer) {
  const { response } = answer
  equal(
    [
      response.status,
      response.headers.get('content-type'),
      response.headers.get('cache-control'),
      response.headers.get('retry-after'),
    ],
    [answer.status, 'application/problem+json', 'no-store', answer.headers.get('retry-after')],
    'the response',
  )
  if (!runtime.bareRequests) {
    equal(response.headers.getSetCookie(), answer.headers.getSetCookie(), 'its cookies')
  }
  const { title, detail, ...rest } = await response.json()
  equal([rest, detail, title.length > 3], [
    { type: 'about:blank', status: answer.status, code: answer.code },
    answer.message,
    true,
  ], 'the problem')
  ok(answer.response !== response && !answer.response.bodyUsed, 'a new response at each access')
  equal([answer.error?.code ?? null], [answer.status === 503 ? answer.code : null], 'the error')
}
