// The browser client on a scripted server: which requests the client repeats.
// tests/browser/tabs.mjs and origins.mjs test the client in a real browser with real sessions.
import { createClient } from 'portcullis/client'
import { equal, ok } from '../assert.mjs'

const HOME = 'https://app.example'
let places = 0

/**
 * A page of HOME and its server. `answers` maps a path to its responses in order; the last response
 * is repeated.
 */
async function onPage(answers, run, options = {}) {
  const base = `${HOME}/session-${(places += 1)}`
  const before = Object.getOwnPropertyDescriptor(globalThis, 'location')
  Object.defineProperty(globalThis, 'location', { value: new URL(HOME), configurable: true })
  const sent = []
  const ends = []
  const send = async (request) => {
    const path = request.url.replace(base, '/session').replace(HOME, '')
    sent.push({
      path,
      method: request.method,
      token: request.headers.get('x-csrf-token'),
      body: await request.text(),
      mode: request.mode,
    })
    const left = answers[path] ?? [404]
    return answerOf(await (left.length > 1 ? left.shift() : left[0]), request)
  }
  const open = () =>
    createClient({
      basePath: base,
      fetch: send,
      onSessionEnd: ({ code }) => ends.push(code),
      ...options,
    })
  try {
    await run({ client: open(), open, sent, ends, paths: () => sent.map(({ path }) => path) })
  } finally {
    if (before) Object.defineProperty(globalThis, 'location', before)
    else delete globalThis.location
  }
}

function answerOf(said, request) {
  if (typeof said === 'function') return answerOf(said(request), request)
  if (said instanceof Error || said instanceof Response) {
    return said instanceof Error
      ? Promise.reject(said)
      : said.clone()
  }
  if (typeof said === 'number') return new Response(null, { status: said })
  return said
}

const problem = (status, code, headers = {}) =>
  new Response(JSON.stringify({ type: 'about:blank', status, code }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
const token = (value) => Response.json({ token: value })
const EXPIRED = problem(401, 'ERR_TOKEN_EXPIRED')
const offline = () => new TypeError('Failed to fetch')
const settled = () => new Promise((resolve) => setTimeout(resolve, 30))

/** Responses that the client passes to the caller at once: [words, method, the response]. */
const GIVEN = [
  ["a 401 of the application's own", 'GET', problem(401, 'WRONG_PASSWORD')],
  ['a 401 without a problem', 'GET', new Response('no', { status: 401 })],
  ['a required step-up', 'GET', problem(401, 'ERR_STEP_UP_REQUIRED')],
  ['a 403', 'GET', problem(403, 'ERR_CROSS_ORIGIN')],
  ['a rejected prefetch', 'GET', problem(409, 'ERR_PREFETCH')],
  ['a conflict of the application', 'GET', problem(409, 'CONFLICT', { 'retry-after': '0' })],
  ['a 503 without Retry-After', 'GET', problem(503, 'ERR_STORE_UNAVAILABLE')],
  [
    'a 503 to a request that may have been processed',
    'POST',
    problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': '0' }),
  ],
  [
    'a 429 to a request that may have been processed',
    'DELETE',
    problem(429, 'ERR_RATE_LIMITED', { 'retry-after': '0' }),
  ],
  [
    'a pause of more than 10 seconds',
    'GET',
    problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': '11' }),
  ],
  [
    'an invalid Retry-After',
    'GET',
    problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': 'soon' }),
  ],
  ['a 500', 'GET', problem(500, 'ERR_INTERNAL', { 'retry-after': '0' })],
]

/** Responses after which the client repeats the request: [words, method, the response]. */
const REPEATED = [
  [
    '503 with Retry-After',
    'GET',
    () => problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': '0' }),
  ],
  [
    '503 with a date',
    'GET',
    () =>
      problem(503, 'ERR_STORE_UNAVAILABLE', {
        'retry-after': new Date(Date.now() + 500).toUTCString(),
      }),
  ],
  ['429 with Retry-After', 'HEAD', () => problem(429, 'ERR_RATE_LIMITED', { 'retry-after': '0' })],
  ['409, superseded', 'GET', () => problem(409, 'ERR_SUPERSEDED')],
  [
    '409, superseded, to an unsafe method',
    'POST',
    () => problem(409, 'ERR_SUPERSEDED', { 'retry-after': '0' }),
  ],
  ['409, an unfinished step-up', 'POST', () => problem(409, 'ERR_STEP_UP_UNFINISHED')],
]

export const cases = [
  ...GIVEN.map(([words, method, answer]) => ({
    name: `client: the caller gets the response at once: ${words}`,
    run: () =>
      onPage({ '/a': [answer] }, async ({ client, sent, ends }) => {
        equal([(await client.fetch(`${HOME}/a`, { method })).status, sent.length, ends], [
          answer.status,
          1,
          [],
        ])
      }, { sendCsrfToken: false }),
  })),
  ...REPEATED.map(([words, method, answer]) => ({
    name: `client: the request is repeated after a pause: ${words}`,
    run: () =>
      onPage({ '/a': [answer, 200] }, async ({ client, sent }) => {
        const startedAt = performance.now()
        equal([(await client.fetch(`${HOME}/a`, { method })).status, sent.length], [200, 2])
        ok(performance.now() - startedAt >= 140, 'a pause before the second try')
      }, { sendCsrfToken: false }),
  })),
  {
    name: 'client: at most four attempts for a request and for a refresh',
    run: () =>
      onPage({
        '/a': [problem(409, 'ERR_SUPERSEDED')],
        '/b': [EXPIRED],
        '/session/refresh': [problem(503, 'ERR_CONFLICT', { 'retry-after': '0' })],
      }, async ({ client, sent, ends, paths }) => {
        equal([(await client.fetch(`${HOME}/a`)).status, sent.length], [409, 4])
        sent.length = 0
        const answer = await client.fetch(`${HOME}/b`)
        equal(
          [answer.status, (await answer.json()).code, ends],
          [503, 'ERR_CONFLICT', []],
          'the response of the refresh, which does not mean signed out',
        )
        equal(paths(), ['/b', ...Array(4).fill('/session/refresh')])
      }),
  },
  {
    name:
      'client: after a 401, one refresh serves all requests, and each is repeated with its body',
    run: () =>
      onPage({
        '/a': [EXPIRED, EXPIRED, EXPIRED, 200],
        '/session/refresh': [() => settled().then(() => new Response())],
      }, async ({ client, sent, paths }) => {
        const answers = await Promise.all(
          ['x', 'y', 'z'].map((body) => client.fetch(`${HOME}/a`, { method: 'POST', body })),
        )
        equal(answers.map(({ status }) => status), [200, 200, 200])
        equal(paths().filter((path) => path === '/session/refresh').length, 1, 'refreshes')
        equal(sent.filter(({ path }) => path === '/a').map(({ body }) => body), [
          'x',
          'y',
          'z',
          'x',
          'y',
          'z',
        ])
      }, { sendCsrfToken: false }),
  },
  {
    name: 'client: a 401 after the refresh goes to the caller and causes no second refresh',
    run: () =>
      onPage({ '/a': [EXPIRED], '/session/refresh': [200] }, async ({ client, ends, paths }) => {
        equal([(await client.fetch(`${HOME}/a`)).status, paths(), ends], [401, [
          '/a',
          '/session/refresh',
          '/a',
        ], []])
      }),
  },
  {
    name: 'client: a superseded refresh is repeated',
    run: () =>
      onPage(
        { '/a': [EXPIRED, 200], '/session/refresh': [problem(409, 'ERR_SUPERSEDED'), 200] },
        async ({ client, paths }) => {
          equal([(await client.fetch(`${HOME}/a`)).status, paths()], [200, [
            '/a',
            '/session/refresh',
            '/session/refresh',
            '/a',
          ]])
        },
      ),
  },
  {
    name: 'client: each session end is reported once in every tab, with its code',
    run: () =>
      onPage({
        '/a': [EXPIRED],
        '/sign-in': [200],
        '/session/refresh': [problem(401, 'ERR_SESSION_REVOKED')],
      }, async ({ client, open, ends }) => {
        const other = open()
        const answers = await Promise.all([1, 2, 3].map(() => client.fetch(`${HOME}/a`)))
        equal(
          await Promise.all(answers.map(async (one) => [one.status, (await one.json()).code])),
          Array(3).fill([401, 'ERR_TOKEN_EXPIRED']),
        )
        await client.fetch(`${HOME}/a`)
        await settled()
        equal(ends, ['ERR_SESSION_REVOKED', 'ERR_SESSION_REVOKED'], 'two tabs')
        await other.fetch(`${HOME}/sign-in`, { method: 'POST' })
        await settled()
        await client.fetch(`${HOME}/a`)
        await settled()
        equal(ends.length, 4, 'ends reported after the next sign-in')
      }, { sendCsrfToken: false }),
  },
  {
    name: 'client: the session end has the code of the rejection that cleared the cookies',
    run: () =>
      onPage({
        '/a': [problem(401, 'ERR_SESSION_REUSE_DETECTED')],
        '/session/refresh': [problem(401, 'ERR_REFRESH_MISSING')],
      }, async ({ client, ends }) => {
        await client.fetch(`${HOME}/a`)
        equal(ends, ['ERR_SESSION_REUSE_DETECTED'])
      }),
  },
  {
    name: 'client: a 401 of the refresh without a code of this package ends no session',
    run: () =>
      onPage({
        '/a': [EXPIRED],
        '/session/refresh': [new Response('who are you', { status: 401 })],
      }, async ({ client, ends }) => {
        equal([(await client.fetch(`${HOME}/a`)).status, ends], [401, []])
      }),
  },
  {
    name: 'client: a sign-out is reported in every tab, and returns the response',
    run: () =>
      onPage({ '/session/sign-out': [503, 204] }, async ({ client, open, ends }) => {
        open()
        equal([(await client.signOut()).status, ends], [503, []], 'not signed out')
        equal((await client.signOut()).status, 204)
        await settled()
        equal(ends, ['SIGNED_OUT', 'SIGNED_OUT'])
      }, { sendCsrfToken: false }),
  },
  {
    name: 'client: the CSRF token is sent with unsafe requests, and is fetched once',
    run: () =>
      onPage(
        { '/a': [200], '/session/csrf': [() => settled().then(() => token('t1'))] },
        async ({ client, sent }) => {
          await Promise.all([
            client.fetch(`${HOME}/a`, { method: 'POST' }),
            client.fetch(`${HOME}/a`, { method: 'PUT' }),
          ])
          for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS']) {
            await client.fetch(`${HOME}/a`, { method })
          }
          equal(
            sent.filter(({ path }) => path === '/a').map((
              one,
            ) => [one.method, one.token, one.mode]),
            [
              ['POST', 't1', 'same-origin'],
              ['PUT', 't1', 'same-origin'],
              ['DELETE', 't1', 'same-origin'],
              ['GET', null, 'cors'],
              ['HEAD', null, 'cors'],
              ['OPTIONS', null, 'cors'],
            ],
          )
          equal([
            sent.filter(({ path }) => path === '/session/csrf').length,
            await client.csrfToken(),
          ], [1, 't1'])
        },
      ),
  },
  {
    name: 'client: a rejected CSRF token is fetched again once',
    run: () =>
      onPage({
        '/a': [200, problem(403, 'ERR_CSRF_TOKEN'), 200, problem(403, 'ERR_CSRF_TOKEN')],
        '/session/csrf': [token('t1'), token('t2'), token('t3')],
      }, async ({ client, sent }) => {
        const post = async () =>
          (await client.fetch(`${HOME}/a`, { method: 'POST', body: 'x' })).status
        equal([await post(), await post()], [200, 200])
        equal(await post(), 403, 'refused twice')
        equal(sent.filter(({ path }) => path === '/a').map((one) => one.token + one.body), [
          't1x',
          't1x',
          't2x',
          't2x',
          't3x',
        ])
      }),
  },
  {
    name:
      'client: if no CSRF token is available, the request is sent without one, and no session ends',
    run: () =>
      onPage({
        '/a': [200],
        '/session/csrf': [
          EXPIRED,
          new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
        ],
      }, async ({ client, sent, ends, paths }) => {
        for (let n = 0; n < 2; n += 1) {
          equal((await client.fetch(`${HOME}/a`, { method: 'POST' })).status, 200)
        }
        equal([paths(), sent.map((one) => one.token), ends], [
          ['/session/csrf', '/a', '/session/csrf', '/a'],
          [null, null, null, null],
          [],
        ])
      }),
  },
  {
    name: 'client: requests to other origins or without credentials are not changed',
    run: () =>
      onPage({
        '/a': [EXPIRED],
        'https://other.example/a': [EXPIRED],
        'http://app.example/a': [EXPIRED],
        '/session/csrf': [token('t1')],
      }, async ({ client, sent, paths }) => {
        for (const url of ['https://other.example/a', 'http://app.example/a']) {
          equal((await client.fetch(url, { method: 'POST' })).status, 401)
        }
        equal(
          (await client.fetch(`${HOME}/a`, { method: 'POST', credentials: 'omit' })).status,
          401,
        )
        equal([paths(), sent.map((one) => one.token)], [[
          'https://other.example/a',
          'http://app.example/a',
          '/a',
        ], [null, null, null]])
      }),
  },
  {
    name: 'client: a request with a stream is sent once, and the session is refreshed nevertheless',
    run: () =>
      onPage(
        { '/a': [EXPIRED, 200], '/session/refresh': [200] },
        async ({ client, sent, paths }) => {
          const body = new Blob(['x']).stream()
          equal(
            (await client.fetch(`${HOME}/a`, { method: 'POST', body, duplex: 'half' })).status,
            401,
          )
          equal([paths(), sent[0].body], [['/a', '/session/refresh'], 'x'])
        },
        { sendCsrfToken: false },
      ),
  },
  {
    name: 'client: a Request object is repeated with its body',
    run: () =>
      onPage({ '/a': [EXPIRED, 200], '/session/refresh': [200] }, async ({ client, sent }) => {
        equal(
          (await client.fetch(new Request(`${HOME}/a`, { method: 'POST', body: 'x' }))).status,
          200,
        )
        equal(sent.map(({ body }) => body), ['x', '', 'x'])
      }, { sendCsrfToken: false }),
  },
  {
    name: 'client: offline, the error of fetch is thrown, and no session ends',
    run: () =>
      onPage(
        { '/a': [offline], '/b': [EXPIRED], '/session/refresh': [offline, 200] },
        async ({ client, ends }) => {
          const says = (path) =>
            client.fetch(HOME + path).then(
              ({ status }) => status,
              (error) => error.constructor.name,
            )
          equal([await says('/a'), await says('/b'), ends], ['TypeError', 'TypeError', []])
          equal((await client.refresh()).status, 200, 'online again')
        },
      ),
  },
  {
    name: 'client: an abort signal ends the waiting of its own caller only',
    run: () =>
      onPage({
        '/a': [EXPIRED, EXPIRED, 200],
        '/c': [problem(503, 'ERR_CONFLICT', { 'retry-after': '5' })],
        '/session/refresh': [() => settled().then(() => new Response())],
      }, async ({ client }) => {
        const stop = new AbortController()
        const [stopped, other] = [
          client.fetch(`${HOME}/a`, { signal: stop.signal }).catch((error) => error),
          client.fetch(`${HOME}/a`),
        ]
        setTimeout(() => stop.abort('enough'), 10)
        equal([await stopped, (await other).status], ['enough', 200])
        equal(
          await client.fetch(`${HOME}/c`, { signal: AbortSignal.timeout(50) }).catch(({ name }) =>
            name
          ),
          'TimeoutError',
          'in a pause',
        )
      }),
  },
  {
    name: 'client: refresh() gives each caller its own copy of the response',
    run: () =>
      onPage(
        { '/session/refresh': [Response.json({ rotated: true })] },
        async ({ client, sent }) => {
          const answers = await Promise.all([client.refresh(), client.refresh()])
          equal(await Promise.all(answers.map((one) => one.json())), [{ rotated: true }, {
            rotated: true,
          }])
          equal([sent.length, sent[0].method], [1, 'POST'])
        },
      ),
  },
  {
    name: 'client: createClient works without a page',
    run() {
      equal(typeof globalThis.location, 'undefined')
      equal(Object.keys(createClient()), ['fetch', 'refresh', 'signOut', 'csrfToken'])
    },
  },
]
