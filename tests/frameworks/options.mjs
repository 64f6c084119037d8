// The options of the adapters, and rare cases that the flow does not reach. These cases use the
// adapter of SvelteKit, because the adapters differ only in the interface of their framework.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'

const { createSessions } = await import('portcullis')
const { memoryStore } = await import('portcullis/stores/memory')
const router = await import('portcullis/react-router')
const kit = await import('portcullis/sveltekit')
const astro = await import('portcullis/astro')
const next = await import('portcullis/next')

const ORIGIN = 'https://app.example'

export const CASES = [
  {
    name: 'a misspelt option, an invalid origin and invalid sessions are rejected at once',
    run: misuse,
  },
  {
    name: 'required rejects requests without a session, and can depend on the request',
    run: isRequired,
  },
  {
    name: 'onRejected can make the response, which keeps the headers of the rejection',
    run: ownRefusal,
  },
  {
    name: 'an unavailable store gives 503, also for public pages, and onRejected gets the error',
    run: storeDown,
  },
  { name: 'a superseded token gives 409, also for public pages', run: raceLost },
  { name: 'two cookies of one name give no session, or 400 if a session is required', run: twice },
  { name: 'the option origin overrides the origin that the framework assumes', run: origin },
  { name: 'checkStore reads the store, and gives the data', run: fresh },
  { name: 'csrfTokenReader finds the token in a form', run: formToken },
  { name: 'refreshEarlySeconds is passed on', run: early },
  {
    name: 'the renewed request keeps the cookies of the application, and loses the cleared ones',
    run: renewedRequest,
  },
  { name: 'the middleware does not read a request that Astro prerenders', run: prerendered },
  {
    name: "the response of Next's proxy keeps its own cookies and Vary",
    run: nextMerging,
  },
  {
    name: 'a server action of Next can sign in by its Origin alone if the option origin is set',
    run: actionOrigin,
  },
  { name: 'an invalid Host does not change the path of a request of Next', run: strangeHost },
]

function misuse() {
  const { sessions } = site()
  const made = [
    (all, options) => kit.sessionHandle(all, options),
    (all, options) => astro.sessionMiddleware(all, options),
    (all, options) => router.sessionMiddleware(all, {}, options),
    (all, options) => next.sessionProxy(all, () => {}, options),
  ]
  for (const make of made) {
    assert.throws(() => make(sessions, { require: true }), {
      code: 'ERR_CONFIG',
      message: /Unknown option "require"/,
    })
    for (const wrong of ['app.example', 'https://app.example/', 'https://app.example/x', 7]) {
      assert.throws(() => make(sessions, { origin: wrong }), {
        code: 'ERR_CONFIG',
        message: /origin/,
      })
    }
    assert.throws(() => make({}, {}), { code: 'ERR_CONFIG', message: /createSessions/ })
  }
}

async function isRequired() {
  const { ask } = site()
  assert.equal((await ask(request(), {})).session, null)
  const rejected = await ask(request(), { required: true })
  assert.equal(rejected.response.status, 401)
  assert.equal((await rejected.response.json()).code, 'ERR_TOKEN_MISSING')
  const options = { required: ({ request: { url } }) => url.endsWith('/account') }
  assert.equal((await ask(request('/account'), options)).response.status, 401)
  assert.equal((await ask(request('/'), options)).response.status, 200)
}

async function ownRefusal() {
  const { ask, signIn, sessions, later } = site()
  const { cookie, session } = await signIn()
  await sessions.revoke(session.id)
  later(400)
  const seen = []
  const onRejected = (refused) => {
    seen.push(refused.code)
    return new Response(null, {
      status: 303,
      headers: { location: '/sign-in', 'set-cookie': 'theme=dark' },
    })
  }
  const { response } = await ask(request('/account', { cookie }), { required: true, onRejected })
  assert.deepEqual([response.status, response.headers.get('location'), seen], [303, '/sign-in', [
    'ERR_SESSION_REVOKED',
  ]])
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const names = response.headers.getSetCookie().map((line) => line.split('=')[0])
  assert.deepEqual(names.sort(), [
    '__Host-portcullis-access',
    '__Host-portcullis-refresh-0',
    'theme',
  ])
  const everybody = await ask(request('/', { cookie }), {})
  assert.equal(everybody.session, null)
  assert.ok(everybody.response.headers.getSetCookie().every((line) => line.includes('Max-Age=0')))
  assert.equal(everybody.response.headers.getSetCookie().length, 2)
}

async function storeDown() {
  const { ask, signIn, later, store } = site()
  const { cookie } = await signIn()
  later(400)
  store.isDown = true
  const seen = []
  const { response } = await ask(request('/', { cookie }), {
    onRejected: ({ error }) => void seen.push(error.code),
  })
  assert.deepEqual([response.status, response.headers.get('retry-after'), seen], [503, '1', [
    'ERR_STORE_UNAVAILABLE',
  ]])
  assert.equal(response.headers.getSetCookie().length, 0)
}

async function raceLost() {
  const { ask, signIn, later } = site()
  const { cookie } = await signIn()
  later(400)
  const first = await ask(request('/', { cookie }), {})
  await ask(request('/', { cookie: jar(first.response) }), {})
  later(20)
  const { response } = await ask(request('/', { cookie }), {})
  assert.equal((await response.json()).code, 'ERR_SUPERSEDED')
  assert.deepEqual([response.status, response.headers.get('retry-after')], [409, '1'])
}

async function twice() {
  const { ask, signIn } = site()
  const { cookie } = await signIn()
  const double = request('/', { cookie: `${cookie}; ${cookie}` })
  assert.equal((await ask(double, {})).session, null)
  assert.equal((await ask(double, { required: true })).response.status, 400)
}

async function origin() {
  const { ask, signIn } = site()
  const { cookie } = await signIn()
  const post = (headers) =>
    new Request('http://10.0.0.1:3000/note', { method: 'POST', headers: { cookie, ...headers } })
  assert.equal((await ask(post({ origin: ORIGIN }), { origin: ORIGIN })).session?.subject, 'user-1')
  assert.equal(
    (await ask(post({ origin: 'http://10.0.0.1:3000' }), { origin: ORIGIN })).response.status,
    403,
  )
  assert.equal((await ask(post({ origin: ORIGIN }), {})).response.status, 403)
  const routed = new Request('http://10.0.0.1:3000/session/sign-out', {
    method: 'POST',
    headers: { cookie, origin: ORIGIN },
  })
  assert.equal((await ask(routed, { origin: ORIGIN, routes: true })).response.status, 204)
}

async function fresh() {
  const { ask, signIn, sessions } = site()
  const { cookie, session } = await signIn()
  assert.deepEqual((await ask(request('/', { cookie }), { checkStore: true })).session.data, {
    cart: [],
  })
  await sessions.revoke(session.id)
  assert.equal((await ask(request('/', { cookie }), { checkStore: true })).session, null)
  assert.equal((await ask(request('/', { cookie }), {})).session.subject, 'user-1')
}

async function formToken() {
  const { ask, signIn, sessions } = site({ csrf: 'origin-and-token' })
  const answer = await signIn()
  const post = (field) =>
    request('/note', {
      cookie: answer.cookie,
      origin: ORIGIN,
      'content-type': 'application/x-www-form-urlencoded',
    }, `csrf=${field}`)
  const options = {
    csrfTokenReader: async (args) =>
      (await args.request.clone().formData()).get('csrf') ?? undefined,
  }
  assert.equal((await ask(post(sessions.csrfToken(answer)), options)).session.subject, 'user-1')
  assert.equal((await ask(post('none'), options)).response.status, 403)
  assert.equal((await ask(post(sessions.csrfToken(answer)), {})).response.status, 403)
}

async function early() {
  const { ask, signIn, later } = site()
  const { cookie } = await signIn()
  later(280)
  assert.equal(
    (await ask(request('/', { cookie }), { refreshEarlySeconds: 0 })).response.headers
      .getSetCookie().length,
    0,
  )
  assert.ok((await ask(request('/', { cookie }), {})).response.headers.getSetCookie().length > 0)
}

async function renewedRequest() {
  const { ask, signIn, later } = site()
  const { cookie } = await signIn()
  later(400)
  const { now, response } = await ask(
    request('/', { cookie: `a=1;b="x=y"; ${cookie}`, 'user-agent': 'test' }),
    {},
  )
  const pairs = now.headers.get('cookie').split('; ')
  assert.deepEqual(pairs.slice(0, 2), ['a=1', 'b="x=y"'])
  assert.deepEqual(pairs.slice(2).map((pair) => pair.split('=')[0]), [
    '__Host-portcullis-access',
    '__Host-portcullis-refresh-1',
  ])
  assert.equal(pairs.slice(2).join('; '), jar(response))
  assert.deepEqual([now.url, now.method, now.headers.get('user-agent')], [
    `${ORIGIN}/`,
    'GET',
    'test',
  ])
}

async function prerendered() {
  const { sessions } = site()
  const requestContext = {
    isPrerendered: true,
    locals: {},
    get request() {
      throw new Error('looked at')
    },
    cookies: {},
  }
  const page = new Response('page')
  assert.equal(await astro.sessionMiddleware(sessions)(requestContext, async () => page), page)
  assert.deepEqual(requestContext.locals, { session: null, sessionClaims: null })
}

async function nextMerging() {
  const { sessions, signIn, later } = site()
  const { cookie } = await signIn()
  later(400)
  const own = new Response(null, {
    headers: { 'set-cookie': 'theme=dark', vary: 'Accept', 'x-own': '1' },
  })
  let given
  const proxy = next.sessionProxy(sessions, (init) => ((given = init), own))
  const response = await proxy(request('/', { cookie, host: 'app.example' }))
  assert.deepEqual(response.headers.getSetCookie().map((line) => line.split('=')[0]), [
    'theme',
    '__Host-portcullis-access',
    '__Host-portcullis-refresh-1',
    '__Host-portcullis-refresh-0',
  ])
  assert.deepEqual([
    response.headers.get('vary'),
    response.headers.get('x-own'),
    response.headers.get('cache-control'),
  ], ['Accept, Cookie', '1', 'no-store'])
  assert.equal(next.readSession(sessions, given.request.headers)?.subject, 'user-1')
  assert.equal(next.readSession(sessions, new Headers({ cookie })), null)
  // A forged mark of a render is ignored, and is not passed on.
  await proxy(request('/', { cookie: jar(response), 'x-portcullis-render': 'made-up' }))
  assert.equal(given.request.headers.has('x-portcullis-render'), false)
}

async function actionOrigin() {
  const { sessions } = site()
  const headers = new Headers({ origin: ORIGIN, host: '10.0.0.1:3000' })
  assert.equal(
    (await sessions.signIn(next.toRequest(headers), { subject: 'user-1' })).code,
    'ERR_CROSS_ORIGIN',
  )
  assert.equal(
    (await sessions.signIn(next.toRequest(headers, { origin: ORIGIN }), { subject: 'user-1' })).ok,
    true,
  )
}

function strangeHost() {
  const { sessions } = site()
  for (const host of ['', 'a b', 'x/../y', 'user@app.example', 'app.example/path?']) {
    const given = { get: (name) => (name === 'host' ? host : null) }
    assert.equal(next.readSession(sessions, given), null)
    assert.equal(new URL(next.toRequest(given).url).pathname, '/')
  }
}

/** Sessions behind the middleware, on a store that may be down, with a clock of the test. */
function site(policy = {}) {
  let offset = 0
  const memory = memoryStore()
  const store = {
    isDown: false,
    get: (key) => reach(store, () => memory.get(key)),
    swap: (...words) => reach(store, () => memory.swap(...words)),
  }
  const keys = { ring: [{ id: '1', secret: randomBytes(32) }], storeKeySecret: randomBytes(32) }
  const sessions = createSessions({
    issuer: ORIGIN,
    keys,
    store,
    policy,
    clock: () => Date.now() + offset,
  })
  const ask = async (given, options) => {
    const event = { request: given, locals: {}, isSubRequest: false, cookies: { set: () => {} } }
    const response = await kit.sessionHandle(sessions, options)({
      event,
      resolve: async () => new Response('page'),
    })
    return { response, now: kit.toRequest(event), session: event.locals.session }
  }
  const signIn = async () => {
    const answer = await sessions.signIn(request('/sign-in', { origin: ORIGIN }, ''), {
      subject: 'user-1',
      data: { cart: [] },
    })
    return { ...answer, cookie: jar(answer) }
  }
  return { sessions, store, ask, signIn, later: (seconds) => (offset += seconds * 1000) }
}

function reach({ isDown }, run) {
  if (isDown) throw new Error('no connection')
  return run()
}

function request(path = '/', headers = {}, body = undefined) {
  return new Request(ORIGIN + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  })
}

function jar({ headers }) {
  return headers.getSetCookie().filter((line) => !line.includes('Max-Age=0')).map((line) =>
    line.split(';')[0]
  ).join('; ')
}
