/** The adapter for Next.js 16 with the App Router. */
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

/** The argument of `NextResponse.next` and `NextResponse.rewrite`. */
export interface NextInit {
  request: { headers: Headers }
}

/** The part of the result of `headers()` of `next/headers` that is read. */
export interface NextHeaders {
  get(name: string): string | null
}

/**
 * The header that marks a request of the server to itself. After a server action that redirects,
 * Next fetches the next page from itself with the headers of the request. Its token may be one that
 * the browser has not received yet. The value is drawn at the first request and known to this
 * process only, so no client can send it.
 */
const RENDER_HEADER = 'x-portcullis-render'
let renderSecret: string | undefined

/**
 * Creates the proxy for `proxy.ts`. Sessions are refreshed here, because components cannot set
 * cookies. The browser and the following render both get the new cookies: `init` has the headers of
 * the request with the Cookie header that the browser will send next.
 *
 * @example
 *
 * ```js
 * export const proxy = sessionProxy(sessions, (init) => NextResponse.next(init))
 * ```
 *
 * @param createResponse returns the response: `NextResponse.next(init)`, a rewrite with `init`, or
 * a redirect. It may set cookies of its own.
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to Next's
 * error page
 */
export function sessionProxy<NextRequest extends Request>(
  sessions: AnySessions,
  createResponse: (init: NextInit, request: NextRequest) => Response | Promise<Response>,
  options: SiteOptions<NextRequest> = {},
): (request: NextRequest) => Promise<Response> {
  checkPageAdapter(sessions, options, 'sessionProxy')
  return async (request) => {
    renderSecret ??= crypto.randomUUID()
    // `request.url` has the address of the server, not the one that the browser uses.
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
    // If a server action or a proxy sets a cookie, Next drops cookies that are only in the headers.
    const { cookies } = response as { cookies?: CookieTarget }
    if (cookies !== undefined) copyCookies(result.headers, cookies)
    return withHeaders(response, result.headers)
  }
}

/**
 * Returns the session of the request that is rendered, `null` if there is none. It only reads, for
 * server components, and for server actions and route handlers behind the proxy, which has checked
 * the request origin. It does not count as the first use of a new token: if the response is lost,
 * the client gets the successor again.
 *
 * @example
 *
 * ```js
 * const session = readSession(sessions, await headers())
 * ```
 */
export function readSession(
  sessions: AnySessions,
  headers: NextHeaders,
): AuthenticatedSession | null {
  const answer = authenticateRender(sessions, createRequest(headers, 'GET'))
  return answer.ok ? answer.session : null
}

/**
 * Returns the request that called a server action, without its body, for `sessions.signIn`,
 * `signOut` and `stepUp`.
 *
 * @example
 *
 * ```js
 * const result = await sessions.signIn(toRequest(await headers()), { subject })
 * sendHeaders(result.headers, await cookies())
 * ```
 *
 * @param options `origin`: the site's origin, if `Host` does not have it, as in `SiteOptions`
 */
export function toRequest(
  headers: NextHeaders,
  options: Pick<SiteOptions<never>, 'origin'> = {},
): Request {
  return createRequest(headers, 'POST', options.origin)
}

/**
 * Sets the cookies of a result of `signIn`, `signOut` or `stepUp` in a server action. `cookies` is
 * the result of `cookies()`.
 */
export function sendHeaders(headers: Headers, cookies: CookieTarget): void {
  copyCookies(headers, cookies)
}

/**
 * The headers that sessions read. A render does not need the URL, because the proxy has checked it.
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
