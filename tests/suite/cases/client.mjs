// The browser's client on a server that is told what to answer: what it repeats, and what it does
// not. In a real browser with real sessions: tests/browser/tabs.mjs and origins.mjs.
import { createClient } from 'portcullis/client'
import { equal, ok } from '../assert.mjs'

const HOME = 'https://app.example'
let places = 0

/**
 * A page of HOME and its server: `answers` maps a path to the answers it gives, one after the
 * other; the last one stays.
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

/** Answers that are the caller's at once: [words, method, the answer]. */
const GIVEN = [
  ["a 401 that is the application's own", 'GET', problem(401, 'WRONG_PASSWORD')],
  ['a 401 without a problem', 'GET', new Response('no', { status: 401 })],
  ['a step-up that is needed', 'GET', problem(401, 'ERR_STEP_UP_REQUIRED')],
  ['a 403', 'GET', problem(403, 'ERR_CROSS_ORIGIN')],
  ['a prefetch that is refused', 'GET', problem(409, 'ERR_PREFETCH')],
  ['a conflict of the application', 'GET', problem(409, 'CONFLICT', { 'retry-after': '0' })],
  ['a 503 that does not say when', 'GET', problem(503, 'ERR_STORE_UNAVAILABLE')],
  [
    'a 503 to what may have been done',
    'POST',
    problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': '0' }),
  ],
  [
    'a 429 to what may have been done',
    'DELETE',
    problem(429, 'ERR_RATE_LIMITED', { 'retry-after': '0' }),
  ],
  [
    'a pause of more than 10 seconds',
    'GET',
    problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': '11' }),
  ],
  ['a pause that is none', 'GET', problem(503, 'ERR_STORE_UNAVAILABLE', { 'retry-after': 'soon' })],
  ['a 500', 'GET', problem(500, 'ERR_INTERNAL', { 'retry-after': '0' })],
]

/** Answers that are worth another try: [words, method, the answer]. */
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
  ['409, a step-up that is not finished', 'POST', () => problem(409, 'ERR_STEP_UP_UNFINISHED')],
]

export const cases = [
  ...GIVEN.map(([words, method, answer]) => ({
    name: `client: given to the caller at once: ${words}`,
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
    name: `client: tried again after a pause: ${words}`,
    run: () =>
      onPage({ '/a': [answer, 200] }, async ({ client, sent }) => {
        const startedAt = performance.now()
        equal([(await client.fetch(`${HOME}/a`, { method })).status, sent.length], [200, 2])
        ok(performance.now() - startedAt >= 140, 'a pause before the second try')
      }, { sendCsrfToken: false }),
  })),
  {
    name: 'client: four tries and no more, of a request and of a refresh',
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
          "the answer is the refresh's, which does not read as signed out",
        )
        equal(paths(), ['/b', ...Array(4).fill('/session/refresh')])
      }),
  },
  {
    name: 'client: 401, one refresh for all requests that wait, and each once more with its body',
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
    name: "client: a 401 after the refresh is the caller's, and refreshes no more",
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
    name: 'client: the refresh is superseded, and tried again',
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
    name: 'client: an end is told once, with its code, in every tab; and the next one again',
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
        equal(ends.length, 4, 'told after the next sign-in')
      }, { sendCsrfToken: false }),
  },
  {
    name: 'client: where the refusal itself took the cookies away, its code is told',
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
    name: 'client: a 401 of the refresh that is not ours ends nothing',
    run: () =>
      onPage({
        '/a': [EXPIRED],
        '/session/refresh': [new Response('who are you', { status: 401 })],
      }, async ({ client, ends }) => {
        equal([(await client.fetch(`${HOME}/a`)).status, ends], [401, []])
      }),
  },
  {
    name: 'client: signing out tells every tab, and gives the answer',
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
    name: 'client: the CSRF token goes with unsafe requests, and is asked for once',
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
    name: 'client: a CSRF token that is refused is asked for anew, once',
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
    name: 'client: without a token the request goes without, and nothing has ended',
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
    name: 'client: other origins, and requests without credentials, get nothing of it',
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
    name: 'client: a stream is sent once; the refresh is made all the same',
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
    name: 'client: a Request is repeated with its body',
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
    name: 'client: offline is what fetch says, and ends nothing',
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
    name: "client: the caller's signal ends the caller's waiting, and nobody else's",
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
    name: 'client: refresh() gives the answer, and a copy to each who asks',
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
    name: 'client: may be made where there is no page',
    run() {
      equal(typeof globalThis.location, 'undefined')
      equal(Object.keys(createClient()), ['fetch', 'refresh', 'signOut', 'csrfToken'])
    },
  },
]
