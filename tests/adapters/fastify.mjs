// This file has the test application for Fastify 5.
import Fastify from 'fastify'
import { Readable } from 'node:stream'
import { sendHeaders, sessionPlugin, toRequest } from 'portcullis/fastify'
import { subjectOfSignIn, threeWords } from './site.mjs'

export async function fastifyApp({ sessions, form }, options = {}) {
  const app = Fastify(options)
  const bodies = (_, body, done) => done(null, body)
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, bodies)
  app.post('/sign-in', { config: { session: false } }, async (request, reply) => {
    const answer = await sessions.signIn(toRequest(request), subjectOfSignIn(request.url))
    sendHeaders(answer.headers, reply)
    return reply.header('set-cookie', 'theme=dark').send('in')
  })
  // This scope has its own plugin with other sessions. The plugin of the whole application must not
  // apply here, although it is registered later.
  await app.register(async (scope) => {
    scope.register(sessionPlugin, {
      sessions: form,
      csrfTokenReader: ({ body }) => new URLSearchParams(body).get('csrf') ?? undefined,
    })
    scope.post('/form', async () => 'noted')
  })
  await app.register(sessionPlugin, { sessions, routes: true })
  app.all(
    '/open',
    { config: { session: 'optional' } },
    async ({ session }) => ({ subject: session?.subject ?? null }),
  )
  app.get(
    '/fresh',
    { config: { session: 'check-store' } },
    async ({ session }) => ({ subject: session.subject, plan: session.data.plan }),
  )
  app.get('/me', async ({ session }) => ({ subject: session.subject }))
  app.get(
    '/own',
    async (_, reply) =>
      reply.headers({ 'set-cookie': 'seen=1', vary: 'Accept-Encoding' }).send('own'),
  )
  app.get('/go', async (_, reply) => reply.header('set-cookie', 'seen=1').redirect('/me', 303))
  app.get('/stream', async (_, reply) => reply.send(Readable.from(threeWords())))
  app.get('/boom', async () => {
    throw new Error('boom')
  })
  app.post('/note', async ({ body }) => body)
  app.post('/sign-out', async (request, reply) => {
    sendHeaders((await sessions.signOut(toRequest(request))).headers, reply)
    return 'out'
  })
  await app.ready()
  return app
}
