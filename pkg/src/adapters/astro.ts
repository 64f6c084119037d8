/** Astro 7, with pages that are rendered on demand. */
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

/** An `APIContext` of Astro's, as far as we look at it. */
export interface AstroContext {
  readonly request: Request
  readonly cookies: CookieTarget
  readonly locals: object
  /** Whether it is rendered while the site is built: there is nobody to be signed in. */
  readonly isPrerendered: boolean
}

/**
 * What goes on with each request. By `locals`: the contexts of one request are many, those are one.
 */
const contexts = new WeakMap<object, { request: Request; headers: Headers[] }>()

/**
 * `export const onRequest = sessionMiddleware(sessions)` in `src/middleware`:
 * `context.locals.session` and `context.locals.sessionClaims` (`Astro.locals` in pages), `null`
 * where nobody is signed in, and in pages that are prerendered. New cookies go into whatever is
 * answered.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to Astro's error page
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
    // Cookies go by the jar alone: Astro adds it to the response once we are through, and asks
    // nobody what is there.
    const entry = { request, headers: [withoutCookies(headers)] }
    contexts.set(context.locals, entry)
    copyCookies(headers, context.cookies)
    const response = await next()
    return entry.headers.reduce(withHeaders, response)
  }
}

/**
 * The request as the browser would send it now, with the cookies that are about to be set: for
 * `sessions.signIn`, `signOut` and `stepUp` in a page or an endpoint. It has no body.
 */
export function toRequest({ request, locals }: Pick<AstroContext, 'request' | 'locals'>): Request {
  return contexts.get(locals)?.request ?? headOf(request)
}

/**
 * Puts the headers of an answer of `signIn`, `signOut` or `stepUp` into the response, in a page or
 * an endpoint.
 */
export function sendHeaders(
  headers: Headers,
  { cookies, locals }: Pick<AstroContext, 'cookies' | 'locals'>,
): void {
  copyCookies(headers, cookies)
  contexts.get(locals)?.headers.push(withoutCookies(headers))
}
