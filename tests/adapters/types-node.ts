// This file checks that the adapters for node:http and Express fit the types that users install.
// adapters/types.mjs compiles this file, and nothing runs it.
import express, { type Request as ExpressRequest } from 'express'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createServer2 } from 'node:http2'
import { type AuthenticatedSession, createSessions, type Session } from 'portcullis'
import {
  sendHeaders as sendExpressHeaders,
  sessionMiddleware,
  toRequest as toWebRequest,
} from 'portcullis/express'
import {
  protect,
  protectMaybeSync,
  requestHead,
  sendHeaders,
  sendResponse,
  toRequest,
} from 'portcullis/node'
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

async function site(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const ready = await sessions.handle(toRequest(incoming, { origin: 'https://app.example' }))
  if (ready !== null) return sendResponse(ready, outgoing)
  const answer = await protect(sessions, incoming, outgoing, {
    refreshEarlySeconds: 30,
    origin: 'https://app.example',
  })
  if (!answer.ok) return sendResponse(answer.response, outgoing)
  const session: AuthenticatedSession = answer.session
  // @ts-expect-error the data is read only with checkStore
  answer.session.data
  const fresh = await protect(sessions, incoming, outgoing, { checkStore: true })
  if (fresh.ok) outgoing.write(fresh.session.data.plan)
  // @ts-expect-error there is no such option
  protect(sessions, incoming, outgoing, { needed: true })
  sendHeaders((await sessions.signOut(requestHead(incoming))).headers, outgoing)
  outgoing.end(session.subject)
}
createServer((incoming, outgoing) => void site(incoming, outgoing))
createServer2(async (incoming, outgoing) => {
  const found = protectMaybeSync(sessions, incoming, outgoing)
  // @ts-expect-error the result may be a promise
  found.ok
  const answer = 'ok' in found ? found : await found
  if (!answer.ok) return sendResponse(answer.response, outgoing)
  outgoing.end(answer.session.subject)
})

declare module 'express-serve-static-core' {
  interface Request {
    session: AuthenticatedSession | Session<{ plan: string }> | null
  }
}
const app = express()
app.use(sessionMiddleware(sessions, { trustProxy: true, routes: { basePath: '/auth' } }))
app.use(
  '/admin',
  sessionMiddleware(sessions, {
    checkStore: true,
    onRejected: (_, req) => Response.redirect(req.originalUrl),
  }),
)
app.post(
  '/form',
  express.urlencoded(),
  sessionMiddleware<ExpressRequest>(sessions, {
    csrfTokenReader: (req) => req.body.csrf as string,
    required: false,
  }),
)
// @ts-expect-error there is no such option
app.use(sessionMiddleware(sessions, { needed: true }))
app.post('/sign-in', async (req, res) => {
  const answer = await sessions.signIn(toWebRequest(req), { subject: 'user-1' })
  sendExpressHeaders(answer.headers, res)
  res.send(answer.ok ? 'in' : answer.message)
})
app.get('/', (req, res) => void res.send(req.session?.subject))
