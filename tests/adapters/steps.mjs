// Every framework must pass these steps. Each step has its own user, but all steps share one clock,
// which only moves forward.
import { clears, equal, ok } from '../suite/assert.mjs'
import { problem } from '../suite/routes.mjs'

const EXPIRED = 331
const get = (path, headers) => ({ method: 'GET', path, headers })
const post = (path, body, headers) => ({ method: 'POST', path, body, headers })
const form = (fields) =>
  post('/form', new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  })
const access = (browser) => browser.jar.get('__Host-portcullis-access')
const text = async (response) => [response.status, await response.text()]

/** A response that refreshed the session has a new access token and must not be cached. */
function afterRefresh(browser, before, response) {
  ok(
    access(browser) !== undefined && access(browser) !== before,
    `a new access token with status ${response.status}`,
  )
  equal(
    [
      response.headers.get('cache-control'),
      (response.headers.get('vary') ?? '').includes('Cookie'),
    ],
    ['no-store', true],
    'Cache-Control and Vary',
  )
}

/** This function sends a request after the access token expired, and checks the refresh. */
async function whenExpired({ browser, control }, request, status) {
  const before = access(browser)
  await control.advance(EXPIRED)
  const response = await browser.send(request)
  equal(response.status, status, `the status of ${request.path}`)
  afterRefresh(browser, before, response)
  const body = await response.text()
  equal((await browser.send(get('/me'))).status, 200, 'the next page')
  return { response, body }
}

/** Each entry is [title, step, needed feature]. The user has signed in before each step. */
export const STEPS = [
  [
    'a user without a session is rejected, but can open a page with an optional session',
    async ({ browser }) => {
      browser.jar.clear()
      await problem(await browser.send(get('/me')), 'ERR_TOKEN_MISSING', 401)
      const open = await browser.send(get('/open'))
      equal(
        [
          open.status,
          (await open.json()).subject,
          (open.headers.get('vary') ?? '').includes('Cookie'),
        ],
        [200, null, true],
        'an open page',
      )
      await problem(await browser.send(get('/missing')), 'ERR_TOKEN_MISSING', 401)
    },
  ],
  [
    'a signed-in user reaches every page and has the cookie of the application too',
    async ({ browser, subject }) => {
      for (const path of ['/me', '/open', '/fresh']) {
        const page = await browser.send(get(path))
        equal([page.status, (await page.json()).subject, page.headers.getSetCookie()], [
          200,
          subject,
          [],
        ], path)
      }
      equal(
        (await (await browser.send(get('/fresh'))).json()).plan,
        'pro',
        'the data of the session',
      )
      equal(browser.jar.get('theme'), 'dark', "the application's own cookie")
      equal((await browser.send({ method: 'HEAD', path: '/me' })).status, 200, 'a HEAD')
    },
  ],
  ['an expired access token is refreshed once during the request', async (visit) => {
    const { body } = await whenExpired(visit, get('/me'), 200)
    equal(JSON.parse(body).subject, visit.subject, 'whose page')
    equal(
      (await visit.browser.send(get('/me'))).headers.getSetCookie(),
      [],
      'cookies of the next answer',
    )
  }],
  [
    'three requests at once with an expired token get 200 or 409, and the user stays signed in',
    async ({ browser, control }) => {
      for (let round = 0; round < 5; round += 1) {
        await control.advance(EXPIRED)
        const tabs = await Promise.all([0, 1, 2].map(() => browser.send(get('/me'))))
        ok(
          tabs.every(({ status }) => status === 200 || status === 409),
          `200 or 409, not ${tabs.map(({ status }) => status)}`,
        )
        ok(tabs.some(({ status }) => status === 200), 'a request that succeeds')
        equal((await browser.send(get('/me'))).status, 200, 'the page afterwards')
      }
    },
  ],
  [
    'a form of another site is rejected, and a form of the same site is accepted',
    async ({ browser }) => {
      await problem(
        await browser.send(
          post('/note', 'x', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }),
        ),
        'ERR_CROSS_ORIGIN',
        403,
      )
      await problem(
        await browser.send(
          post('/note', 'x', { 'sec-fetch-site': '', origin: 'https://evil.example' }),
        ),
        'ERR_CROSS_ORIGIN',
        403,
      )
      equal(await text(await browser.send(post('/note', 'x', { 'content-type': 'text/plain' }))), [
        200,
        'x',
      ], 'by Sec-Fetch-Site')
      equal(
        await text(
          await browser.send(
            post('/note', 'y', {
              'sec-fetch-site': '',
              origin: browser.origin,
              'content-type': 'text/plain',
            }),
          ),
        ),
        [200, 'y'],
        'by Origin',
      )
    },
  ],
  ['a page with an optional session also rejects a cross-site form', async ({ browser }) => {
    for (const cookie of [browser.cookie, '']) {
      await problem(
        await browser.send({
          ...post('/open', 'x', { 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' }),
          cookie,
        }),
        'ERR_CROSS_ORIGIN',
        403,
      )
    }
  }],
  ['a form field carries the CSRF token where one is required', async ({ browser }) => {
    await problem(await browser.send(form({})), 'ERR_CSRF_TOKEN', 403)
    await problem(await browser.send(form({ csrf: 'x'.repeat(75) })), 'ERR_CSRF_TOKEN', 403)
    const { token } = await (await browser.send(get('/session/csrf'))).json()
    equal(await text(await browser.send(form({ csrf: token }))), [200, 'noted'], 'with the token')
    const header = await browser.send(
      post('/form', '', {
        'content-type': 'application/x-www-form-urlencoded',
        'x-csrf-token': token,
      }),
    )
    equal(await text(header), [200, 'noted'], 'with the token in its header')
  }],
  ['a prefetch does not rotate the refresh token', async (visit) => {
    const before = access(visit.browser)
    await visit.control.advance(EXPIRED)
    for (const path of ['/me', '/open']) {
      const ahead = await visit.browser.send(get(path, { 'sec-purpose': 'prefetch' }))
      equal([ahead.status, ahead.headers.getSetCookie()], [409, []], `a prefetch of ${path}`)
    }
    equal(access(visit.browser), before, 'the access token')
    await whenExpired(visit, get('/open'), 200)
  }],
  ['a sign-out clears the session cookies and no others', async ({ browser }) => {
    const response = await browser.send(post('/sign-out'))
    equal(await text(response), [200, 'out'], 'the answer')
    ok(clears(response.headers) >= 2, 'cleared cookies')
    equal([...browser.jar.keys()], ['theme'], 'the jar')
    equal((await browser.send(get('/me'))).status, 401, 'the page afterwards')
  }],
  ['a sign-out ends a session that the same request refreshed', async ({ browser, control }) => {
    await control.advance(EXPIRED)
    const stale = browser.copy()
    const response = await browser.send(post('/sign-out'))
    equal([response.status, [...browser.jar.keys()]], [200, ['theme']], 'the answer, and the jar')
    const names = response.headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')))
    equal(names.length, new Set(names).size, 'names of the cookies, each set once')
    equal((await browser.send(get('/me'))).status, 401, 'the page afterwards')
    ok(
      stale.jar.size > 1
        && (await browser.send({ ...get('/me'), cookie: stale.cookie })).status === 401,
      'the rejected old cookies',
    )
  }],
  [
    'a revoked session is rejected at once with checkStore, and otherwise at the next refresh',
    async ({ browser, control, subject }) => {
      await control.revokeAll(subject)
      equal((await browser.send(get('/me'))).status, 200, 'by the access token alone')
      equal((await browser.send(get('/fresh'))).status, 401, 'by the store')
      await control.advance(EXPIRED)
      await problem(await browser.send(get('/me')), 'ERR_SESSION_REVOKED', 401)
      equal([...browser.jar.keys()], ['theme'], 'the jar')
    },
  ],
  [
    'an optional page treats an ended session as no session, and clears its cookies',
    async ({ browser, control, subject }) => {
      await control.revokeAll(subject)
      await control.advance(EXPIRED)
      const open = await browser.send(get('/open'))
      equal([open.status, (await open.json()).subject], [200, null], 'the page')
      equal([...browser.jar.keys()], ['theme'], 'the jar')
    },
  ],
  ['invalid cookies do not keep a user out of an optional page', async ({ browser }) => {
    const cookie = `${browser.cookie}; __Host-portcullis-access=x`
    await problem(await browser.send({ ...get('/me'), cookie }), 'ERR_COOKIE_HEADER', 400)
    const open = await browser.send({ ...get('/open'), cookie })
    equal([open.status, (await open.json()).subject], [200, null], 'the open page')
  }],
  ['the application keeps its own cookie and its own Vary', async (visit) => {
    const { response } = await whenExpired(visit, get('/own'), 200)
    equal([visit.browser.jar.get('seen'), response.headers.get('vary')], [
      '1',
      'Accept-Encoding, Cookie',
    ], 'its cookie and Vary')
    equal(
      response.headers.getSetCookie().filter((line) => line.startsWith('seen=')).length,
      1,
      'how often the cookie is set',
    )
    const next = await visit.browser.send(get('/own'))
    equal([next.headers.getSetCookie(), next.headers.get('vary')], [
      ['seen=1'],
      'Accept-Encoding, Cookie',
    ], 'without a refresh')
  }],
  ['a redirect carries the session cookies', async (visit) => {
    const { response } = await whenExpired(visit, get('/go'), 303)
    equal(
      [response.headers.get('location'), visit.browser.jar.get('seen')],
      ['/me', '1'],
      'the location, and the cookie',
    )
  }],
  ['a streamed body arrives whole, with the session cookies', async (visit) => {
    equal((await whenExpired(visit, get('/stream'), 200)).body, 'onetwothree', 'the body')
  }],
  ['an error page of the application carries the session cookies', async (visit) => {
    await whenExpired(visit, get('/boom'), 500)
  }],
  ['a missing page carries the session cookies', async (visit) => {
    await whenExpired(visit, get('/missing'), 404)
  }],
  ['a body reaches the application whole after a refresh', async (visit) => {
    const long = 'line '.repeat(15_000)
    equal(
      (await whenExpired(visit, post('/note', long, { 'content-type': 'text/plain' }), 200)).body,
      long,
      'the body',
    )
  }],
  [
    'an unavailable store gives 503 with Retry-After, and signs no user out',
    async ({ browser, control }) => {
      await control.advance(EXPIRED)
      await control.down('yes')
      try {
        for (const path of ['/me', '/open']) {
          const response = await browser.send(get(path))
          equal(
            [response.status, response.headers.get('retry-after'), response.headers.getSetCookie()],
            [503, '1', []],
            path,
          )
        }
      } finally {
        await control.down('no')
      }
      equal((await browser.send(get('/me'))).status, 200, 'the page afterwards')
    },
  ],
  ['the framework answers an error that protect throws', async ({ browser, control }) => {
    await control.stopClock('yes')
    try {
      equal((await browser.send(get('/me'))).status, 500, 'the error page')
    } finally {
      await control.stopClock('no')
    }
  }, 'needs an error page'],
  [
    'the session routes work: list, revoke, refresh, csrf, sign-out',
    async ({ browser, control }) => {
      await control.advance(31)
      const refresh = await browser.send(post('/session/refresh'))
      equal([refresh.status, (await refresh.json()).rotated], [200, true], 'a refresh')
      const { sessions } = await (await browser.send(get('/session/list'))).json()
      equal(sessions.map(({ current }) => current), [true], 'the list')
      await problem(
        await browser.send(post('/session/revoke', '{"id":7}')),
        'ERR_BODY_INVALID',
        400,
      )
      await problem(
        await browser.send(post('/session/revoke', `{"id":"${'A'.repeat(43)}"}`)),
        'ERR_NOT_FOUND',
        404,
      )
      await problem(
        await browser.send(
          post('/session/revoke', '"'.repeat(9000), { 'content-type': 'application/json' }),
        ),
        'ERR_BODY_INVALID',
        413,
      )
      await problem(await browser.send(get('/session/nothing')), 'ERR_NOT_FOUND', 404)
      equal(
        (await browser.send(get('/session/sign-out'))).headers.get('allow'),
        'POST',
        'the allowed method',
      )
      equal((await browser.send(get('/session/jwks'))).status, 200, 'the key set')
      const revoke = await browser.send(
        post('/session/revoke', JSON.stringify({ id: sessions[0].id }), {
          'content-type': 'application/json',
        }),
      )
      equal(
        [revoke.status, [...browser.jar.keys()]],
        [204, ['theme']],
        'a session that its user revokes, and the jar',
      )
    },
  ],
  ['the sign-out route ends the session', async ({ browser }) => {
    const response = await browser.send(post('/session/sign-out'))
    equal([response.status, [...browser.jar.keys()]], [204, ['theme']], 'the answer, and the jar')
  }],
]
