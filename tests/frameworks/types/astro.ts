import type { APIContext, MiddlewareHandler } from 'astro'
import { sendHeaders, sessionMiddleware, toRequest } from 'portcullis/astro'
import { sessions } from './sessions.js'

export const onRequest: MiddlewareHandler = sessionMiddleware(sessions, {
  required: ({ url }) => url.pathname.startsWith('/account'),
})

export async function POST(context: APIContext): Promise<Response> {
  const answer = await sessions.signIn(toRequest(context), { subject: 'user-1' })
  sendHeaders(answer.headers, context)
  return context.redirect('/')
}

// @ts-expect-error there is no such option
export const misspelt: MiddlewareHandler = sessionMiddleware(sessions, { requires: true })
