// These cases test the options of the middlewares with the real frameworks.
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { sessionMiddleware as onExpress, toRequest as expressRequest } from 'portcullis/express'
import { sessionPlugin, toRequest as fastifyRequest } from 'portcullis/fastify'
import { requestHead as honoHead, sessionMiddleware as onHono } from 'portcullis/hono'
import { sendResponse, toRequest } from 'portcullis/node'
import { equal, ok, throwsCode } from '../suite/assert.mjs'
import { raw, served, signInSession } from './loopback.mjs'
import { makeSite } from './site.mjs'

export const cases = [
  {
    name: 'every framework answers 400 to an invalid Host',
    async run() {
      const { sessions } = makeSite()
      const app = express().set('env', 'test').use(onExpress(sessions))
      const fastify = Fastify()
      await fastify.register(sessionPlugin, { sessions })
      await fastify.ready()
      for (const listener of [app, fastify.routing]) {
        const text = await served(listener, (port) => raw(port, ['GET / HTTP/1.1', 'Host: a/b']))
        equal(text.split(' ')[1], '400', 'the status')
      }
    },
  },
  {
    name: 'forwarding headers are used only with the option trustProxy',
    async run() {
      const { sessions } = makeSite()
      const forwarded = [
        'GET / HTTP/1.1',
        'Host: inside',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: app.example',
      ]
      for (
        const [options, expected] of [[{}, 'http://inside/'], [
          { trustProxy: true },
          'https://app.example/',
        ], [{ trustProxy: true, origin: 'https://other.example' }, 'https://other.example/']]
      ) {
        const app = express().set('trust proxy', true).use(
          onExpress(sessions, { ...options, required: false }),
        )
        app.get('/', (req, res) => res.send(expressRequest(req).url))
        const fastify = Fastify({ trustProxy: true })
        await fastify.register(sessionPlugin, { sessions, ...options, required: false })
        fastify.get('/', async (request) => fastifyRequest(request).url)
        await fastify.ready()
        for (const listener of [app, fastify.routing]) {
          equal(
            (await served(listener, (port) => raw(port, forwarded))).split('\r\n').at(-1),
            expected,
            'the address',
          )
        }
      }
    },
  },
  {
    name: 'Hono: the option origin applies to the middleware, its routes and requestHead',
    async run() {
      const { sessions } = makeSite()
      const app = new Hono().use(
        onHono(sessions, { origin: 'https://app.example', required: false, routes: true }),
      )
      app.post(
        '/sign-in',
        async (c) =>
          c.json({
            code: (await sessions.signIn(honoHead(c), { subject: 'user-1' })).code ?? null,
            url: honoHead(c).url,
          }),
      )
      app.post('/session-notes', async (c) => c.text(await c.req.text()))
      app.post(
        '/own',
        async (c) =>
          c.text(
            (await sessions.signIn(honoHead(c, { origin: 'https://other.example' }), {
              subject: 'user-1',
            })).code,
          ),
      )
      const { cookie } = await signInSession(sessions)
      // A proxy changes the host of the request. The browser sends Origin but no Sec-Fetch-Site.
      const post = (path, body, origin = 'https://app.example') =>
        app.request(`http://inside:8080${path}`, {
          method: 'POST',
          headers: { origin, cookie },
          body,
        })
      equal(await (await post('/sign-in')).json(), {
        code: null,
        url: 'https://app.example/sign-in',
      }, 'a sign-in')
      equal(
        [await (await post('/session-notes', 'hello')).text(), await (await post('/own')).text()],
        ['hello', 'ERR_CROSS_ORIGIN'],
        'a body, and a route with its own origin',
      )
      equal(
        (await post('/own', '', 'http://inside:8080')).status,
        403,
        'the host name of the proxy',
      )
      equal((await post('/session/sign-out', '')).status, 204, 'a route')
      equal(
        (await new Hono().use(onHono(sessions)).request('http://inside:8080/', {
          method: 'POST',
          headers: { origin: 'https://app.example', cookie },
        })).status,
        403,
        'without the option',
      )
      await throwsCode(
        'ERR_CONFIG',
        () => honoHead({ req: { raw: new Request('http://inside/') } }, { origin: 'app.example' }),
      )
    },
  },
  {
    name: 'onRejected gets each rejection, and can replace the response but not its headers',
    async run() {
      const { sessions, store } = makeSite()
      const { refresh } = await signInSession(sessions)
      const refusals = []
      const onRejected = (refused) => {
        refusals.push([refused.code, refused.error?.code ?? null])
        return refused.status === 401
          ? new Response(null, { status: 303, headers: { location: '/sign-in' } })
          : undefined
      }
      const app = new Hono().use(onHono(sessions, { onRejected }))
      const site = express().use(onExpress(sessions, { onRejected }))
      const fastify = Fastify()
      await fastify.register(sessionPlugin, { sessions, onRejected })
      fastify.get('/', async () => 'here')
      await fastify.ready()
      const bridge = async (incoming, outgoing) =>
        sendResponse(await app.fetch(toRequest(incoming)), outgoing)
      for (const listener of [bridge, site, fastify.routing]) {
        const text = await served(
          listener,
          (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example']),
        )
        ok(
          /^HTTP\/1.1 303 .*\r\nlocation: \/sign-in\r\n/is.test(text)
            && /\r\ncache-control: no-store\r\n/i.test(text),
          `a redirect that is not stored, not ${text}`,
        )
        store.faults.get = () => {
          throw new Error('down')
        }
        const down = await served(
          listener,
          (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example', `Cookie: ${refresh}`]),
        )
        store.faults.get = null
        equal(down.split(' ')[1], '503', 'an unavailable store')
      }
      equal(
        refusals,
        Array.from(
          { length: 3 },
          () => [['ERR_TOKEN_MISSING', null], ['ERR_STORE_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE']],
        ).flat(),
        'the rejections',
      )
    },
  },
  {
    name: 'contextReader is called for the page and for the routes, and no risk profile is written',
    async run() {
      const { sessions } = makeSite()
      const asked = []
      const requestContext = (name, addressOf) => (request) => {
        asked.push(name)
        return { ip: addressOf(request) }
      }
      const { refresh } = await signInSession(sessions)
      const app = new Hono().use(
        onHono(sessions, {
          routes: true,
          contextReader: requestContext('hono', (c) => c.req.header('x-test')),
        }),
      )
      const site = express().use(
        onExpress(sessions, {
          routes: true,
          contextReader: requestContext('express', (req) => req.socket.remoteAddress),
        }),
      )
      const fastify = Fastify()
      await fastify.register(sessionPlugin, {
        sessions,
        routes: true,
        contextReader: requestContext('fastify', (request) => request.ip),
      })
      fastify.get('/', async () => 'here')
      await fastify.ready()
      const bridge = async (incoming, outgoing) =>
        sendResponse(await app.fetch(toRequest(incoming)), outgoing)
      for (
        const [name, listener] of [['hono', bridge], ['express', site], [
          'fastify',
          fastify.routing,
        ]]
      ) {
        await served(
          listener,
          (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example', `Cookie: ${refresh}`]),
        )
        await served(
          listener,
          (port) =>
            raw(port, [
              'POST /session/refresh HTTP/1.1',
              'Host: app.example',
              'Sec-Fetch-Site: same-origin',
              `Cookie: ${refresh}`,
              'Content-Length: 0',
            ]),
        )
        equal(asked.splice(0), [name, name], name)
        ok(
          (await sessions.riskProfile('user-1')) === null,
          'no risk profile without a write',
        )
      }
    },
  },
  {
    name: 'a middleware rejects invalid options when it is created',
    async run() {
      const { sessions } = makeSite()
      for (
        const make of [
          () => onHono({}),
          () => onHono(sessions, { requird: false }),
          () => onHono(sessions, { origin: 'app.example' }),
          () => onExpress(undefined),
          () => onExpress(sessions, { origin: 'app.example' }),
          () => onExpress(sessions, { secret: 'x' }),
        ]
      ) await throwsCode('ERR_CONFIG', make)
      for (
        const options of [{}, { sessions: {} }, { sessions, origin: '*' }, {
          sessions,
          secret: 'x',
        }]
      ) await throwsCode('ERR_CONFIG', async () => Fastify().register(sessionPlugin, options))
      const fastify = Fastify()
      await fastify.register(sessionPlugin, { sessions })
      fastify.get('/', { config: { session: 'sometimes' } }, async () => 'here')
      equal(
        (await fastify.inject('/')).json().code,
        'ERR_CONFIG',
        'a route with an invalid session option',
      )
    },
  },
  {
    name: 'Fastify: the routes work below a prefix, and the innermost plugin decides',
    async run() {
      const { sessions } = makeSite()
      const fastify = Fastify()
      await fastify.register(sessionPlugin, { sessions, required: false })
      fastify.get('/', async ({ session }) => ({ session }))
      await fastify.register(async (scope) => {
        scope.register(sessionPlugin, { sessions, routes: { basePath: '/auth' } })
        scope.get('/', async () => 'inside')
      }, { prefix: '/api' })
      await fastify.register(async (scope) => {
        scope.register(sessionPlugin, { sessions })
        scope.register(async (inner) => {
          inner.register(sessionPlugin, { sessions, required: false })
          inner.get('/', async () => 'open')
        })
      }, { prefix: '/open' })
      const status = async (url) => (await fastify.inject(url)).statusCode
      equal(
        [
          await status('/'),
          await status('/api/'),
          await status('/api/auth/jwks'),
          await status('/auth/jwks'),
          await status('/open/'),
        ],
        [200, 401, 200, 404, 200],
        'the statuses',
      )
      equal((await fastify.inject('/api/auth/jwks')).json(), { keys: [] }, 'the key set')
    },
  },
  {
    name: 'Express: the routes work below a mount point and after a body parser',
    async run() {
      const { sessions } = makeSite()
      const { session, cookie } = await signInSession(sessions)
      const app = express().use(express.json())
      app.use('/api', onExpress(sessions, { routes: { basePath: '/api/auth' } }))
      await served(app, async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/api/auth/revoke`, {
          method: 'POST',
          headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
          body: JSON.stringify({ id: session.id }),
        })
        equal(response.status, 204, 'a revocation')
      })
      equal(await sessions.list('user-1'), [], 'the sessions')
    },
  },
  {
    name: 'the claims of the access token are set if there is a session, and are null otherwise',
    async run() {
      const { sessions } = makeSite()
      const { cookie } = await signInSession(sessions)
      const app = new Hono().use(onHono(sessions, { required: false }))
      app.get('/', (c) => c.text(String(c.var.sessionClaims?.sub)))
      const site = express().use(onExpress(sessions, { required: false }))
      site.get('/', (req, res) => res.send(String(req.sessionClaims?.sub)))
      const fastify = Fastify()
      await fastify.register(sessionPlugin, { sessions, required: false })
      fastify.get('/', async (request) => String(request.sessionClaims?.sub))
      await fastify.ready()
      const bridge = async (incoming, outgoing) =>
        sendResponse(await app.fetch(toRequest(incoming)), outgoing)
      for (const listener of [bridge, site, fastify.routing]) {
        for (const [jar, subject] of [[cookie, 'user-1'], ['a=b', 'undefined']]) {
          ok(
            (await served(
              listener,
              (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example', `Cookie: ${jar}`]),
            )).includes(
              subject,
            ),
            subject,
          )
        }
      }
    },
  },
  {
    name: 'csrfTokenReader is called only if a CSRF token is required and the header has none',
    async run() {
      const { sessions, form } = makeSite()
      const { cookie, session } = await signInSession(sessions)
      let asked = 0
      const app = new Hono().use(onHono(form, { csrfTokenReader: () => void (asked += 1) })).all(
        '/',
        (c) => c.text('here'),
      )
      const answer = async (method, headers) =>
        (await app.request('http://app.example/', {
          method,
          headers: { cookie, 'sec-fetch-site': 'same-origin', ...headers },
        })).status
      const token = form.csrfToken(
        form.authenticate(new Request('http://app.example/', { headers: { cookie } })),
      )
      equal(
        [
          await answer('GET'),
          await answer('HEAD'),
          await answer('POST', { 'x-csrf-token': token }),
          asked,
        ],
        [200, 200, 200, 0],
        'without a call',
      )
      equal([await answer('POST'), asked, session.subject], [403, 1, 'user-1'], 'with a call')
    },
  },
  {
    name: 'Hono: the handshake of a WebSocket is not changed',
    async run() {
      const { sessions } = makeSite()
      const handshake = Object.defineProperty(new Response(null), 'status', { value: 101 })
      const app = new Hono().use(onHono(sessions, { required: false })).get('/', () => handshake)
      ok((await app.request('http://app.example/')) === handshake, 'the same response object')
    },
  },
]
