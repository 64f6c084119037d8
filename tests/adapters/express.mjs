// This file has the test application for Express 5.
import express from 'express'
import { sendHeaders, sessionMiddleware, toRequest } from 'portcullis/express'
import { subjectOfSignIn, threeWords } from './site.mjs'

export function expressApp({ sessions, form }) {
  const app = express()
  app.post('/sign-in', async (req, res) => {
    const answer = await sessions.signIn(toRequest(req), subjectOfSignIn(req.url))
    sendHeaders(answer.headers, res)
    res.cookie('theme', 'dark').send('in')
  })
  app.all(
    '/open',
    sessionMiddleware(sessions, { required: false }),
    (req, res) => res.json({ subject: req.session?.subject ?? null }),
  )
  app.get(
    '/fresh',
    sessionMiddleware(sessions, { checkStore: true }),
    (req, res) => res.json({ subject: req.session.subject, plan: req.session.data.plan }),
  )
  app.post(
    '/form',
    express.urlencoded(),
    sessionMiddleware(form, { csrfTokenReader: (req) => req.body.csrf }),
    (_req, res) => res.send('noted'),
  )

  app.use(sessionMiddleware(sessions, { routes: true }))
  app.use(express.text({ type: '*/*' }))
  app.get('/me', (req, res) => res.json({ subject: req.session.subject }))
  app.get('/own', (_req, res) => {
    // writeHead replaces earlier headers of the same names. The session cookies must survive that.
    res.writeHead(200, { 'Set-Cookie': 'seen=1', Vary: 'Accept-Encoding' })
    res.end('own')
  })
  app.get('/go', (_req, res) => res.cookie('seen', '1').redirect(303, '/me'))
  app.get('/stream', async (_req, res) => {
    for await (const chunk of threeWords()) res.write(chunk)
    res.end()
  })
  app.get('/boom', () => {
    throw new Error('boom')
  })
  app.post('/note', (req, res) => res.send(req.body))
  app.post('/sign-out', async (req, res) => {
    sendHeaders((await sessions.signOut(toRequest(req))).headers, res)
    res.send('out')
  })
  // Express writes every error to the console unless the environment is `test`.
  app.set('env', 'test')
  return app
}
