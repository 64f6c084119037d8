/** Next.js 16, App Router. */
import type { AuthenticatedSession } from '../core/types.js'
import { withHeaders } from '../web/merge-headers.js'
import { authenticateRender } from '../web/protect.js'
import {
  type AnySessions,
  authenticatePage,
  checkPageAdapter,
  type SiteOptions,
} from './page-adapter.js'
import { type CookieTarget, copyCookies } from './set-cookie.js'
export type { SiteOptions } from './page-adapter.js'

/** What `NextResponse.next` and `NextResponse.rewrite` take. */
export interface NextInit {
  request: { headers: Headers }
}

/** What `headers()` of `next/headers` gives, as far as we look at it. */
export interface NextHeaders {
  get(name: string): string | null
}

/**
 * A server action that was called by Next's script and redirects makes Next fetch the next page
 * from itself, with the headers of the request. By this one we know it, and its token is one that
 * the browser has not got yet. Nobody outside can say it: its value is drawn at the first request,
 * and is this process's own.
 */
const RENDER_HEADER = 'x-portcullis-render'
let renderSecret: string | undefined

/**
 * `export const proxy = sessionProxy(sessions, (init) => NextResponse.next(init))` in `proxy.ts`:
 * where sessions are refreshed, since components cannot set cookies. The browser gets the new ones,
 * and so does the render that follows: `init` has the request's headers with its Cookie header as
 * the browser will send it next.
 *
 * @param createResponse gives the response: `NextResponse.next(init)`, or a rewrite with `init`, or
 * a redirect, with cookies of your own
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to Next's error page
 */
export function sessionProxy<NextRequest extends Request>(
  sessions: AnySessions,
  createResponse: (init: NextInit, request: NextRequest) => Response | Promise<Response>,
  options: SiteOptions<NextRequest> = {},
): (request: NextRequest) => Promise<Response> {
  checkPageAdapter(sessions, options, 'sessionProxy')
  return async (request) => {
    renderSecret ??= crypto.randomUUID()
    // `request.url` names the server's own address, not the one that the browser has.
    const origin = options.origin ?? originOf(request.headers, new URL(request.url))
    const result = await authenticatePage(
      sessions,
      request,
      request,
      { ...options, origin },
      request.headers.get(RENDER_HEADER) === renderSecret,
    )
    if (result instanceof Response) return result
    const { headers } = result.request
    if (result.headers.has('set-cookie')) headers.set(RENDER_HEADER, renderSecret)
    else headers.delete(RENDER_HEADER)
    const response = await createResponse({ request: { headers } }, request)
    // A server action that sets a cookie, or a proxy that does, makes Next forget what was appended
    // to the headers alone.
    const { cookies } = response as { cookies?: CookieTarget }
    if (cookies !== undefined) copyCookies(result.headers, cookies)
    return withHeaders(response, result.headers)
  }
}

/**
 * The session of the request that is rendered, `null` where there is none. Only reads: it is for
 * server components, and for server actions and route handlers behind the proxy, which has checked
 * where the request came from. It is no use of a token that the browser has not got yet: should the
 * response be lost, the refresh is answered again.
 */
export function readSession(
  sessions: AnySessions,
  headers: NextHeaders,
): AuthenticatedSession | null {
  const answer = authenticateRender(sessions, createRequest(headers, 'GET'))
  return answer.ok ? answer.session : null
}

/**
 * The request that called a server action, without its body: for `sessions.signIn`, `signOut` and
 * `stepUp`.
 *
 * @param options `origin`: the site's, where `Host` does not tell it: see `SiteOptions`
 */
export function toRequest(
  headers: NextHeaders,
  options: Pick<SiteOptions<never>, 'origin'> = {},
): Request {
  return createRequest(headers, 'POST', options.origin)
}

/**
 * In a server action: puts the cookies of an answer of `signIn`, `signOut` or `stepUp` into what
 * `cookies()` gives.
 */
export function sendHeaders(headers: Headers, cookies: CookieTarget): void {
  copyCookies(headers, cookies)
}

/**
 * All that sessions look at. Where `proxy` has looked at the address, a render need not know it.
 */
const FORWARDED_HEADERS = [
  'cookie',
  'authorization',
  'origin',
  'sec-fetch-site',
  'user-agent',
  'x-csrf-token',
  'sec-purpose',
  'purpose',
]

function createRequest(
  source: NextHeaders,
  method: string,
  origin = originOf(source, new URL('http://localhost')),
): Request {
  const headers = new Headers()
  for (const name of FORWARDED_HEADERS) {
    const value = source.get(name)
    if (value !== null) headers.set(name, value)
  }
  return new Request(origin, { method, headers })
}

function originOf(headers: NextHeaders, { protocol, host }: URL): string {
  const address = `${protocol}//${headers.get('host') ?? host}`
  return URL.canParse(address) ? new URL(address).origin : `${protocol}//${host}`
}
