import { cookies, headers } from 'next/headers.js'
import { type NextProxy, type NextRequest, NextResponse } from 'next/server.js'
import type { AuthenticatedSession } from 'portcullis'
import { readSession, sendHeaders, sessionProxy, toRequest } from 'portcullis/next'
import { sessions } from './sessions.js'

export const proxy: NextProxy = sessionProxy(sessions, (init) => NextResponse.next(init), {
  required: (request: NextRequest) => request.nextUrl.pathname.startsWith('/account'),
})

export const rewriting: NextProxy = sessionProxy(
  sessions,
  (init, request: NextRequest) => NextResponse.rewrite(new URL('/de', request.url), init),
)

export const getSession = async (): Promise<AuthenticatedSession | null> =>
  readSession(sessions, await headers())

export async function action(): Promise<void> {
  const answer = await sessions.signIn(toRequest(await headers()), { subject: 'user-1' })
  sendHeaders(answer.headers, await cookies())
}

// @ts-expect-error the second argument, which makes the response, is required
export const without: NextProxy = sessionProxy(sessions)
