/** The adapter for Astro 7, for pages that are rendered on demand. */
import { withHeaders } from '../web/merge-headers.js'
import {
  type AnySessions,
  authenticatePage,
  checkPageAdapter,
  headOf,
  type SessionLocals,
  type SiteOptions,
} from './page-adapter.js'
import { type CookieTarget, copyCookies, withoutCookies } from './set-cookie.js'
export type { SessionLocals, SiteOptions } from './page-adapter.js'

/** The part of an `APIContext` of Astro that the adapter uses. */
export interface AstroContext {
  readonly request: Request
  readonly cookies: CookieTarget
  readonly locals: object
  /** Whether the page is rendered while the site is built, when there is no user. */
  readonly isPrerendered: boolean
}

/**
 * The state of each request. The key is `locals`, because one request has several contexts but one
 * `locals`.
 */
const contexts = new WeakMap<object, { request: Request; headers: Headers[] }>()

/**
 * Creates the middleware for `src/middleware`. It sets `context.locals.session` and
 * `context.locals.sessionClaims` (`Astro.locals` in pages), which are `null` without a session and
 * in prerendered pages. New cookies are added to every response.
 *
 * @example
 *
 * ```js
 * export const onRequest = sessionMiddleware(sessions)
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to Astro's
 * error page
 */
export function sessionMiddleware<Context extends AstroContext>(
  sessions: AnySessions,
  options: SiteOptions<Context> = {},
): (context: Context, next: () => Promise<Response>) => Promise<Response> {
  checkPageAdapter(sessions, options, 'sessionMiddleware')
  return async (context, next) => {
    if (context.isPrerendered) {
      Object.assign(context.locals, { session: null, sessionClaims: null } satisfies SessionLocals)
      return next()
    }
    const result = await authenticatePage(sessions, context.request, context, options)
    if (result instanceof Response) return result
    const { session, claims, headers, request } = result
    Object.assign(
      context.locals,
      { session, sessionClaims: claims } satisfies SessionLocals<typeof session>,
    )
    // The cookies go into Astro's cookie object only: Astro adds them to the response later,
    // without checking which ones the response has.
    const entry = { request, headers: [withoutCookies(headers)] }
    contexts.set(context.locals, entry)
    copyCookies(headers, context.cookies)
    const response = await next()
    return entry.headers.reduce(withHeaders, response)
  }
}

/**
 * Returns the request with the cookies that are about to be set, but without its body. Pass it to
 * `sessions.signIn`, `signOut` or `stepUp` in a page or an endpoint.
 *
 * @example
 *
 * ```js
 * const result = await sessions.signIn(toRequest(context), { subject })
 * sendHeaders(result.headers, context)
 * ```
 */
export function toRequest({ request, locals }: Pick<AstroContext, 'request' | 'locals'>): Request {
  return contexts.get(locals)?.request ?? headOf(request)
}

/**
 * Adds the headers of a result of `signIn`, `signOut` or `stepUp` to the response of a page or an
 * endpoint.
 */
export function sendHeaders(
  headers: Headers,
  { cookies, locals }: Pick<AstroContext, 'cookies' | 'locals'>,
): void {
  copyCookies(headers, cookies)
  contexts.get(locals)?.headers.push(withoutCookies(headers))
}
