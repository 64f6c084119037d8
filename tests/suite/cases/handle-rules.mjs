// sessions.handle: the rules for all routes.
import { equal, ok, throwsCode } from '../assert.mjs'
import { at, post, problem, visitor } from '../routes.mjs'

const ADMIN = 'https://admin.example'

/** [method, path, status, Allow]; the status is null where the application answers. */
const PATHS = [
  ['GET', '/', null],
  ['POST', '/sessions/refresh', null],
  ['GET', '/sessionlist', null],
  ['GET', '/app/session/list', null],
  ['GET', '/Session/list', null],
  ['GET', '/session', 404],
  ['GET', '/session/', 404],
  ['GET', '/session/nothing', 404],
  ['GET', '/session/list/', 404],
  ['GET', '/session/%6Cist', 404],
  ['GET', '/session/constructor', 404],
  ['GET', '/session/refresh', 405, 'POST'],
  ['GET', '/session/sign-out', 405, 'POST'],
  ['DELETE', '/session/revoke', 405, 'POST'],
  ['POST', '/session/list', 405, 'GET, HEAD'],
  ['POST', '/session/csrf', 405, 'GET, HEAD'],
  ['PUT', '/session/jwks', 405, 'GET, HEAD'],
  ['OPTIONS', '/session/list', 405, 'GET, HEAD'],
]

/** Invalid bodies of revoke: [words, body, status]. */
const BODIES = [
  ['nothing', '', 400],
  ['no JSON', 'id=1', 400],
  ['a list', '["id"]', 400],
  ['null', 'null', 400],
  ['no id', '{}', 400],
  ['an id that is a number', '{"id": 7}', 400],
  ['an id on the prototype', '{"__proto__": {"id": "x"}}', 400],
  [
    'no UTF-8',
    Uint8Array.from('{"id":"?"}', (one) => (one === '?' ? 0xff : one.charCodeAt(0))),
    400,
  ],
  ['8193 bytes', JSON.stringify({ id: 'x'.repeat(8184) }), 413],
  ['a megabyte', 'x'.repeat(1_000_000), 413],
  ['8192 bytes, and an unknown id', JSON.stringify({ id: 'x'.repeat(8183) }), 404],
]

export const cases = [
  {
    name: 'handle answers the routes below its base path, and no other path',
    async run(world) {
      const { sessions, browser, store } = await visitor(world)
      const before = { ...store.calls }
      for (const [method, path, status, allow = null] of PATHS) {
        const response = await sessions.handle(browser.request({ method, path }))
        equal(
          [response?.status ?? null, response?.headers.get('allow') ?? null],
          [status, allow],
          `${method} ${path}`,
        )
        if (status !== null) {
          await problem(
            response,
            status === 404 ? 'ERR_NOT_FOUND' : 'ERR_METHOD_NOT_ALLOWED',
            status,
          )
        }
      }
      equal(store.calls, before, 'store calls')
      const moved = { basePath: '/api/auth' }
      equal(
        [
          await sessions.handle(browser.request(at('list')), moved),
          (await sessions.handle(
            browser.request({ method: 'GET', path: '/api/auth/list?x=1' }),
            moved,
          )).status,
        ],
        [null, 200],
        'another base path',
      )
    },
  },
  ...BODIES.map(([words, body, status]) => ({
    name: `revoke answers ${status} to this body: ${words}`,
    async run(world) {
      const { sessions, browser } = await visitor(world)
      const response = await sessions.handle(browser.request({ ...post('revoke'), body }))
      await problem(response, status === 404 ? 'ERR_NOT_FOUND' : 'ERR_BODY_INVALID', status)
    },
  })),
  {
    name: 'a body without a length is read up to 8 KiB and not further',
    async run(world) {
      const { sessions, browser } = await visitor(world)
      let pulled = 0
      const endless = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(4096).fill(32), pulled += 1),
      })
      const { url, headers } = browser.request(post('revoke'))
      await problem(
        await sessions.handle({ method: 'POST', url, headers, bodyUsed: false, body: endless }),
        'ERR_BODY_INVALID',
        413,
      )
      ok(pulled <= 5, `a few chunks, not ${pulled}`)
    },
  },
  {
    name: 'CORS headers are sent only with the option cors, and only to its exact origins',
    async run(world) {
      const { sessions, browser } = await visitor(world)
      const allowed = (
        response,
      ) => [
        response.headers.get('access-control-allow-origin'),
        response.headers.get('access-control-allow-credentials'),
      ]
      const from = (origin, more = {}) =>
        browser.request(at('list', { headers: { origin, 'sec-fetch-site': 'same-site' }, ...more }))
      equal(allowed(await sessions.handle(from(ADMIN))), [null, null], 'without cors')
      const cors = { origins: [ADMIN] }
      for (
        const [origin, expected] of [
          [ADMIN, ADMIN],
          [`${ADMIN}:8443`, null],
          ['http://admin.example', null],
          ['https://admin.example.evil.example', null],
          ['null', null],
          ['https://ADMIN.example', null],
        ]
      ) {
        const response = await sessions.handle(from(origin), { cors })
        equal([...allowed(response), response.headers.get('vary')], [
          expected,
          expected && 'true',
          'Cookie, Origin',
        ], origin)
      }
      const lost = await sessions.handle(
        browser.request({ method: 'GET', path: '/session/nothing', headers: { origin: ADMIN } }),
        { cors },
      )
      equal(allowed(lost), [ADMIN, 'true'], 'a problem')
      for (const origins of [['*'], ['null'], [`${ADMIN}/`], ['admin.example'], 'x', undefined]) {
        await throwsCode('ERR_CONFIG', () => sessions.handle(from(ADMIN), { cors: { origins } }))
      }
    },
  },
  {
    name: 'a preflight is answered for the origins of the option, and needs no session',
    async run(world) {
      const { sessions, browser, store } = await visitor(world)
      const before = { ...store.calls }
      const ask = (origin) =>
        browser.request({
          method: 'OPTIONS',
          path: '/session/revoke',
          cookie: '',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'x-csrf-token',
          },
        })
      const cors = { origins: [ADMIN] }
      const yes = await sessions.handle(ask(ADMIN), { cors, rateLimit: () => false })
      const header = (name) => yes.headers.get(`access-control-${name}`)
      equal(
        [
          yes.status,
          header('allow-origin'),
          header('allow-credentials'),
          header('allow-methods'),
          header('allow-headers'),
        ],
        [204, ADMIN, 'true', 'POST', 'content-type, x-csrf-token, authorization'],
        'the preflight',
      )
      const no = await sessions.handle(ask('https://evil.example'), { cors })
      equal([no.headers.get('access-control-allow-origin'), no.headers.get('vary')], [
        null,
        'Origin',
      ], 'another origin')
      await problem(no, 'ERR_CROSS_ORIGIN', 403)
      await problem(await sessions.handle(ask(ADMIN)), 'ERR_METHOD_NOT_ALLOWED', 405)
      equal(store.calls, before, 'store calls')
    },
  },
  {
    name: 'a CORS origin can make changes only if it is also a trusted origin',
    async run(world) {
      const cors = { origins: [ADMIN] }
      const from = (browser) =>
        browser.request(
          post('sign-out', undefined, {
            headers: { origin: ADMIN, 'sec-fetch-site': 'same-site' },
          }),
        )
      const reading = await visitor(world)
      const rejected = await reading.sessions.handle(from(reading.browser), { cors })
      equal(
        rejected.headers.get('access-control-allow-origin'),
        ADMIN,
        'the CORS header of the rejection',
      )
      equal(
        rejected.headers.get('access-control-expose-headers'),
        'retry-after, www-authenticate',
        'the exposed headers',
      )
      await problem(rejected, 'ERR_CROSS_ORIGIN', 403)
      const trusting = await visitor(world, { policy: { trustedOrigins: [ADMIN] } })
      equal(
        (await trusting.sessions.handle(from(trusting.browser), { cors })).status,
        204,
        'a CORS origin that is trusted',
      )
    },
  },
  {
    name: 'the rate limit applies before the store is read, and an invalid result of it throws',
    async run(world) {
      const { sessions, browser, store } = await visitor(world)
      const asked = []
      const before = { ...store.calls }
      const limited = (said) =>
        sessions.handle(browser.request(post('refresh')), {
          rateLimit: (request, route) => (asked.push([request.method, route]), said),
        })
      for (
        const [said, retryAfter] of [[false, null], [7, '7'], [0.2, '1'], [0, '1'], [
          Promise.resolve(61.5),
          '62',
        ]]
      ) {
        const response = await limited(said)
        equal(response.headers.get('retry-after'), retryAfter, 'Retry-After')
        await problem(response, 'ERR_RATE_LIMITED', 429)
      }
      equal(
        [asked[0], store.calls],
        [['POST', 'refresh'], before],
        'calls of the rate limit, and store calls',
      )
      for (const said of [undefined, null, -1, Number.NaN, 'no']) {
        await throwsCode('ERR_CONFIG', () => limited(said))
      }
      equal((await limited(true)).status, 200, 'a request within the limit')
      const outside = await sessions.handle(browser.request(), {
        rateLimit: () => {
          throw new Error('not asked')
        },
      })
      equal(outside, null, 'a path of the application')
    },
  },
  {
    name: 'misuse, invalid options and corrupt records throw',
    async run(world) {
      const { sessions, browser, store } = await visitor(world)
      store.faults.get = async (real) => ({ ...(await real()), value: new Uint8Array(0) })
      await throwsCode('ERR_RECORD_CORRUPT', () => sessions.handle(browser.request(at('list'))))
      await throwsCode(
        'ERR_RECORD_CORRUPT',
        () => sessions.handle(browser.request(post('refresh'))),
      )
      store.faults.get = null
      for (const basePath of ['', '/', 'session', '/session/', '/a b', '/a//b', 7]) {
        await throwsCode(
          'ERR_CONFIG',
          () => sessions.handle(browser.request(at('list')), { basePath }),
        )
      }
      await throwsCode(
        'ERR_CONFIG',
        () => sessions.handle(browser.request(at('list')), { ratelimit: () => true }),
      )
      const { method, url, headers } = browser.request(post('revoke'))
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.handle({ method, url, headers, bodyUsed: true, body: null }),
      )
    },
  },
]
