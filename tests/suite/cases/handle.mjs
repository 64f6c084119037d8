// sessions.handle, route by route. handle-rules.mjs has the rules for all routes.
import { equal, ok, rejected } from '../assert.mjs'
import { at, post, problem, summarizeResponse, visitor } from '../routes.mjs'
import { Browser, createTestSite } from '../support.mjs'

/** Signs another browser in, for the same user or for another one. */
async function otherOne(world, sessions, subject) {
  const browser = new Browser(world)
  const { session } = browser.keep(await sessions.signIn(browser.request(), { subject }))
  return { browser, id: session.id }
}

export const cases = [
  {
    name: 'refresh gives the session without its data, and the cookies',
    async run(world) {
      const { sessions, browser, clock, session } = await visitor(world)
      clock.advance(331)
      const response = await sessions.handle(browser.request(post('refresh')))
      equal(
        [
          response.status,
          response.headers.get('content-type'),
          response.headers.get('cache-control'),
          response.headers.get('vary'),
        ],
        [200, 'application/json', 'no-store', 'Cookie'],
        'the response',
      )
      equal(summarizeResponse(world, response, [2, 1]), [2, 1], 'cookies')
      const body = await response.json()
      equal(
        [
          Object.keys(body),
          body.rotated,
          body.session.id,
          body.session.generation,
          body.session.data,
        ],
        [['session', 'rotated'], true, session.id, 1, undefined],
        'the body',
      )
      ok(
        !JSON.stringify(body).includes('pcr1_') && !JSON.stringify(body).includes('eyJ'),
        'no token in the body',
      )
    },
  },
  {
    name: 'a rejection of refresh or sign-out is a problem document that changes no cookie',
    async run(world) {
      const { sessions, browser, clock, store } = await visitor(world)
      clock.advance(331)
      const otherPlace = { headers: { 'sec-fetch-site': 'cross-site' } }
      const prefetch = { headers: { 'sec-purpose': 'prefetch;prerender' } }
      for (const route of ['refresh', 'sign-out']) {
        await problem(
          await sessions.handle(browser.request(post(route, undefined, otherPlace))),
          'ERR_CROSS_ORIGIN',
          403,
        )
        await problem(
          await sessions.handle(browser.request(post(route, undefined, prefetch))),
          'ERR_PREFETCH',
          409,
        )
        store.faults.get = () => {
          throw new Error('down')
        }
        const response = await sessions.handle(browser.request(post(route)))
        store.faults.get = null
        equal(
          [response.headers.get('retry-after'), summarizeResponse(world, response, [0, 0])],
          ['1', [0, 0]],
          'an unavailable store',
        )
        ok(
          !(await problem(response, 'ERR_STORE_UNAVAILABLE', 503)).detail.includes('down'),
          'no details of the cause',
        )
      }
      await problem(
        await sessions.handle(browser.request(post('refresh', undefined, { cookie: '' }))),
        'ERR_REFRESH_MISSING',
        401,
      )
      equal((await sessions.list('user-1')).length, 1, 'sessions afterwards')
    },
  },
  {
    name: 'sign-out ends the session, clears its cookies and answers without a body',
    async run(world) {
      const { sessions, browser } = await visitor(world, { policy: { clearSiteData: ['cache'] } })
      const response = await sessions.handle(browser.request(post('sign-out')))
      equal(
        [
          response.status,
          response.body,
          response.headers.get('cache-control'),
          response.headers.get('clear-site-data'),
        ],
        [204, null, 'no-store', '"cache"'],
        'the response',
      )
      equal(summarizeResponse(world, response, [0, 2]), [0, 2], 'cookies')
      rejected(await sessions.refresh(browser.request()), 'ERR_SESSION_REVOKED', 401)
    },
  },
  {
    name: "list shows the caller's active sessions, marks the current one, and omits their data",
    async run(world) {
      const { sessions, browser, session } = await visitor(world)
      const second = await otherOne(world, sessions, 'user-1')
      await otherOne(world, sessions, 'user-2')
      const response = await sessions.handle(browser.request(at('list')))
      equal(
        [response.status, response.headers.get('cache-control')],
        [200, 'no-store'],
        'the response',
      )
      const body = await response.json()
      equal(
        body.sessions.map(({ id, current }) => [id, current]).sort(),
        [[session.id, true], [second.id, false]].sort(),
        'the list',
      )
      const names = [
        'id',
        'subject',
        'createdAtMs',
        'authenticatedAtMs',
        'rotatedAtMs',
        'generation',
        'idleDeadlineMs',
        'absoluteDeadlineMs',
        'acr',
        'amr',
        'label',
        'current',
      ]
      equal(Object.keys(body.sessions[0]), names, 'the fields of each session')
      await sessions.revoke(session.id)
      await problem(await sessions.handle(browser.request(at('list'))), 'ERR_SESSION_REVOKED', 401)
      equal(
        (await (await sessions.handle(second.browser.request(at('list')))).json()).sessions.length,
        1,
        'the list of the other browser',
      )
      await problem(
        await sessions.handle(browser.request(at('list', { cookie: '' }))),
        'ERR_TOKEN_MISSING',
        401,
      )
    },
  },
  {
    name: 'list, revoke and csrf refresh an expired access token, and each sets the new cookies',
    async run(world) {
      const { sessions, browser, clock, store } = await visitor(world)
      const routes = [
        at('list'),
        at('csrf'),
        post('revoke', { id: 'unknown' }),
        post('revoke', 'no object'),
      ]
      for (const [n, route] of routes.entries()) {
        clock.advance(331)
        const response = await sessions.handle(browser.copy().request(route))
        equal(
          [
            response.status,
            summarizeResponse(world, response, [2, 1]),
            response.headers.get('cache-control'),
            response.headers.get('vary'),
          ],
          [[200, 200, 404, 400][n], [2, 1], 'no-store', 'Cookie'],
          route.path,
        )
        browser.keep(await sessions.refresh(browser.request()))
      }
      clock.advance(331)
      let calls = 0
      store.faults.get = (real) => {
        if ((calls += 1) > 1) throw new Error('down')
        return real()
      }
      const response = await sessions.handle(browser.request(at('list')))
      equal(
        [summarizeResponse(world, response, [2, 1]), response.headers.get('retry-after')],
        [[2, 1], '1'],
        'a store that failed after the refresh',
      )
      await problem(response, 'ERR_STORE_UNAVAILABLE', 503)
    },
  },
  {
    name: 'revoke ends a session of the caller, and finds no other session',
    async run(world) {
      const { sessions, browser } = await visitor(world)
      const second = await otherOne(world, sessions, 'user-1')
      const stranger = await otherOne(world, sessions, 'user-2')
      const ended = await sessions.handle(browser.request(post('revoke', { id: second.id })))
      equal(
        [ended.status, ended.body, summarizeResponse(world, ended, [0, 0])],
        [204, null, [0, 0]],
        'a session of the caller',
      )
      rejected(await sessions.refresh(second.browser.request()), 'ERR_SESSION_REVOKED', 401)
      const unknown = stranger.id.slice(0, -1) + (stranger.id.endsWith('A') ? 'B' : 'A')
      const told = []
      for (const id of [second.id, stranger.id, unknown, 'nonsense', '']) {
        const response = await sessions.handle(browser.request(post('revoke', { id })))
        told.push([[...response.headers], await problem(response, 'ERR_NOT_FOUND', 404)])
      }
      equal(new Set(told.map((one) => JSON.stringify(one))).size, 1, 'different answers')
      equal((await sessions.list('user-2')).length, 1, "the stranger's sessions")
    },
  },
  {
    name:
      'revoke of the current session clears its cookies, also after a refresh in the same request',
    async run(world) {
      for (const seconds of [0, 331]) {
        const { sessions, browser, clock, session } = await visitor(world)
        clock.advance(seconds)
        const response = await sessions.handle(browser.request(post('revoke', { id: session.id })))
        equal(
          [response.status, summarizeResponse(world, response, [0, 2])],
          [204, [0, 2]],
          `after ${seconds} s`,
        )
        equal(await sessions.list('user-1'), [], 'sessions afterwards')
      }
    },
  },
  {
    name: 'a cross-origin request, or a request without a required CSRF token, revokes nothing',
    async run(world) {
      const { sessions, browser, session } = await visitor(world, {
        policy: { csrf: 'origin-and-token' },
      })
      const own = { id: session.id }
      await problem(
        await sessions.handle(
          browser.request(post('revoke', own, { headers: { 'sec-fetch-site': 'cross-site' } })),
        ),
        'ERR_CROSS_ORIGIN',
        403,
      )
      await problem(
        await sessions.handle(
          browser.request(post('revoke', own, { headers: { 'content-type': 'application/json' } })),
        ),
        'ERR_CSRF_TOKEN',
        403,
      )
      equal((await sessions.list('user-1')).length, 1, 'sessions')
      const { token } = await (await sessions.handle(browser.request(at('csrf')))).json()
      equal(
        (await sessions.handle(
          browser.request(
            post('revoke', own, {
              headers: { 'x-csrf-token': token, 'content-type': 'text/plain' },
            }),
          ),
        )).status,
        204,
        'with the token of the csrf route',
      )
    },
  },
  {
    name: 'csrf gives a token for the session, jwks gives the published keys, and both accept HEAD',
    async run(world) {
      const { sessions, browser } = await visitor(world)
      const response = await sessions.handle(browser.request(at('csrf')))
      equal([response.headers.get('cache-control'), Object.keys(await response.json())], [
        'no-store',
        ['token'],
      ], 'csrf')
      await problem(
        await sessions.handle(browser.request(at('csrf', { cookie: '' }))),
        'ERR_TOKEN_MISSING',
        401,
      )
      const published = sessions.jwks()
      const keys = await sessions.handle(browser.request(at('jwks', { cookie: '' })))
      equal([keys.status, await keys.text(), keys.headers.get('cache-control')], [
        200,
        published.body,
        published.headers.get('cache-control'),
      ], 'jwks')
      for (const path of ['csrf', 'jwks', 'list']) {
        const head = await sessions.handle(browser.request(at(path, { method: 'HEAD' })))
        equal([head.status, await head.text(), head.headers.get('content-type').includes('json')], [
          200,
          '',
          true,
        ], `HEAD ${path}`)
      }
    },
  },
  {
    name: 'in bearer transport, refresh and sign-out read the refresh token from the body',
    async run(world) {
      const { sessions, browser, clock } = createTestSite(world, {
        policy: { transport: 'bearer' },
      })
      const signed = await sessions.signIn(browser.request(), { subject: 'user-1' })
      const bearing = (token) => ({
        headers: { authorization: `Bearer ${token}`, 'sec-fetch-site': '' },
      })
      clock.advance(331)
      const response = await sessions.handle(
        browser.request(post('refresh', { refreshToken: signed.refreshToken })),
      )
      equal(
        [response.status, response.headers.getSetCookie(), response.headers.get('cache-control')],
        [200, [], 'no-store'],
        'the response',
      )
      const body = await response.json()
      equal(Object.keys(body), ['accessToken', 'refreshToken', 'expiresInSeconds'], 'the body')
      ok(
        body.refreshToken !== signed.refreshToken && body.expiresInSeconds > 200
          && body.expiresInSeconds <= 300,
        'a new token, and its lifetime',
      )
      const listed = await sessions.handle(browser.request(at('list', bearing(body.accessToken))))
      equal([listed.status, (await listed.json()).sessions[0].current], [200, true], 'list')
      const soon = await (await sessions.handle(
        browser.request(post('refresh', { refreshToken: body.refreshToken })),
      )).json()
      equal(
        [soon.refreshToken, typeof soon.accessToken],
        [null, 'string'],
        'within the minimum rotation interval',
      )
      await problem(
        await sessions.handle(browser.request(post('refresh'))),
        'ERR_REFRESH_MISSING',
        401,
      )
      await problem(
        await sessions.handle(browser.request(post('refresh', { refreshToken: 7 }))),
        'ERR_BODY_INVALID',
        400,
      )
      equal(
        (await sessions.handle(
          browser.request(post('sign-out', { refreshToken: body.refreshToken })),
        )).status,
        204,
        'sign-out',
      )
      await problem(
        await sessions.handle(
          browser.request(post('refresh', { refreshToken: body.refreshToken })),
        ),
        'ERR_SESSION_REVOKED',
        401,
      )
    },
  },
]
