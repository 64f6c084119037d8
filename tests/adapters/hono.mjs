// This file has the test application for Hono 4.
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { withHeaders } from 'portcullis'
import { sessionMiddleware } from 'portcullis/hono'
import { subjectOfSignIn, threeWords } from './site.mjs'

export function honoApp({ sessions, form }) {
  const app = new Hono()
  app.post('/sign-in', async (c) => {
    const answer = await sessions.signIn(c.req.raw, subjectOfSignIn(c.req.url))
    c.header('set-cookie', 'theme=dark')
    return withHeaders(c.text('in'), answer.headers)
  })
  app.all(
    '/open',
    sessionMiddleware(sessions, { required: false }),
    (c) => c.json({ subject: c.var.session?.subject ?? null }),
  )
  app.get(
    '/fresh',
    sessionMiddleware(sessions, { checkStore: true }),
    (c) => c.json({ subject: c.var.session.subject, plan: c.var.session.data.plan }),
  )
  app.post(
    '/form',
    sessionMiddleware(form, { csrfTokenReader: async (c) => (await c.req.parseBody()).csrf }),
    (c) => c.text('noted'),
  )

  app.use(sessionMiddleware(sessions, { routes: true }))
  app.get('/me', (c) => c.json({ subject: c.var.session.subject }))
  app.get(
    '/own',
    () => new Response('own', { headers: { 'set-cookie': 'seen=1', vary: 'Accept-Encoding' } }),
  )
  app.get('/go', (c) => {
    c.header('set-cookie', 'seen=1')
    return c.redirect('/me', 303)
  })
  app.get('/stream', (c) =>
    stream(c, async (out) => {
      for await (const chunk of threeWords()) await out.write(chunk)
    }))
  app.get('/boom', () => {
    throw new Error('boom')
  })
  app.post('/note', async (c) => c.text(await c.req.text()))
  app.post(
    '/sign-out',
    async (c) => withHeaders(c.text('out'), (await sessions.signOut(c.req.raw)).headers),
  )
  // Hono writes every error to the console if there is no error handler.
  app.onError((_, c) => c.text('Broken', 500))
  return app
}
