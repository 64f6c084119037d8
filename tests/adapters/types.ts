// This file checks that the types of the frameworks fit the structural types of the adapters.
// adapters/types.mjs compiles this file, and nothing runs it.
import Fastify from 'fastify'
import { Hono } from 'hono'
import {
  type AuthenticatedSession,
  createSessions,
  type RequestHead,
  type Session,
  withHeaders,
} from 'portcullis'
import { type RouteSession, sendHeaders, sessionPlugin, toRequest } from 'portcullis/fastify'
import { requestHead, sessionMiddleware, type SessionVariables } from 'portcullis/hono'
import { memoryStore } from 'portcullis/stores/memory'

const keys = {
  ring: [{ id: 'k1', secret: 'QkXw3p6Nl0cD8sJrT5vYbA2eG7hM1oUiZ4fKxqWyRtE' }],
  storeKeySecret: 'mS0v9Lq2XcB7nK4jH6gF1dPaZ8wEyRtUoIiTuYpOqLs',
}
const sessions = createSessions<{ plan: string }>({
  issuer: 'https://app.example',
  keys,
  store: memoryStore(),
})

const protectedApp = new Hono<{ Variables: SessionVariables }>()
protectedApp.use(sessionMiddleware(sessions, { routes: true }))
protectedApp.get(
  '/',
  (c) =>
    c.text(c.var.session.subject + String(c.var.sessionClaims.sub) + sessions.csrfToken(c.var)),
)
protectedApp.post('/sign-in', async (c) => {
  const answer = await sessions.signIn(requestHead(c, { origin: 'https://app.example' }), {
    subject: 'user-1',
  })
  return withHeaders(c.json({ ok: answer.ok }), answer.headers)
})

const optional = new Hono<{ Variables: SessionVariables<AuthenticatedSession | null> }>()
optional.use(
  '/path/*',
  sessionMiddleware(sessions, { required: false, origin: 'https://app.example' }),
)
// @ts-expect-error there may be no session
optional.get('/', (c) => c.text(c.var.session.subject))
optional.get('/', (c) => c.text(c.var.session?.subject ?? String(c.var.sessionClaims?.sub)))

const fresh = new Hono<{ Variables: SessionVariables<Session<{ plan: string }>> }>()
fresh.use(
  sessionMiddleware(sessions, {
    checkStore: true,
    csrfTokenReader: async () => undefined,
    onRejected: (_, c) => Response.redirect(c.req.raw.url),
  }),
)
fresh.get('/', (c) => c.text(c.var.session.data.plan))
// @ts-expect-error there is no such option
fresh.use(sessionMiddleware(sessions, { needed: true }))

declare module 'fastify' {
  interface FastifyRequest {
    session: AuthenticatedSession
  }
  interface FastifyContextConfig {
    session?: RouteSession
  }
}
const app = Fastify()
app.register(sessionPlugin, { sessions, trustProxy: true, routes: { basePath: '/auth' } })
// @ts-expect-error the option sessions is required
app.register(sessionPlugin, {})
app.get('/', async (request) => request.session.subject)
app.post('/sign-in', { config: { session: false } }, async (request, reply) => {
  const answer = await sessions.signIn(toRequest(request), { subject: 'user-1' })
  sendHeaders(answer.headers, reply)
  return { ok: answer.ok }
})

// A web Request is also a RequestHead, and most calls need no more than a RequestHead.
const head: RequestHead = new Request('https://app.example/')
sessions.authenticate(head)
// @ts-expect-error the routes read bodies, and a RequestHead has none
sessions.handle(head)
