/** Hono 4. */
import type { AuthenticatedSession, Claims, RequestHead } from '../core/types.js'
import { withHeaders } from '../web/merge-headers.js'
import type { HandleOptions } from '../web/types.js'
import {
  type AnySessions,
  checkGuard,
  guard,
  GUARD_OPTIONS,
  type GuardOptions,
  resolveRoutes,
  routesWithContext,
} from './guard.js'
import { checkOrigin, rememberedOrigin, rememberOrigin } from './node-request.js'

/** A `Context` of Hono's, as far as we look at it. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  get res(): Response
  set res(response: Response | undefined)
  set(key: string, value: unknown): void
}

/**
 * What the middleware sets, for `new Hono<{ Variables: SessionVariables }>()`. With `required:
 * false` it is `SessionVariables<AuthenticatedSession | null>`, with `fresh: true`
 * `SessionVariables<Session<YourData>>`.
 */
export interface SessionVariables<View = AuthenticatedSession> {
  session: View
  /** Every claim of the access token; `null` where there is no session. */
  sessionClaims: View extends null ? null : Claims
}

/** What the middleware takes. */
export interface HonoOptions<Context = HonoContext> extends GuardOptions<Context> {
  /**
   * The site's origin as its users see it, such as `'https://app.example'`. Set it where a proxy
   * that speaks to the users hands requests over under another name. Default: that of the request's
   * address.
   */
  origin?: string
}

const OPTIONS: Record<keyof HonoOptions, true> = { ...GUARD_OPTIONS, origin: true }

/**
 * The head of a request, for `sessions.signIn` and the like: with the origin that is given, or that
 * a middleware before was given. Where there is none `c.req.raw` is the same.
 *
 * @throws PortcullisError `ERR_CONFIG` for an `origin` that is none
 */
export function requestHead(c: HonoContext, { origin }: { origin?: string } = {}): RequestHead {
  const request = c.req.raw
  const known = origin === undefined ? rememberedOrigin(request) : checkOrigin(origin)
  return known === undefined
    ? request
    : { method: request.method, url: withOrigin(request, known), headers: request.headers }
}

/**
 * `app.use(sessionMiddleware(sessions))`: `c.var.session` for what follows. What `protect` has to
 * say (new cookies, `Vary`) goes into whatever the application answers, its error page and its 404
 * too.
 *
 * To sign in or out in a route: `const answer = await sessions.signIn(c.req.raw, { subject })`,
 * then `return withHeaders(c.json(...), answer.headers)`.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to `app.onError`
 */
export function sessionMiddleware<Context extends HonoContext = HonoContext>(
  sessions: AnySessions,
  options: HonoOptions<Context> = {},
): (c: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  checkGuard(sessions, options, OPTIONS, 'sessionMiddleware')
  const { origin } = options
  if (origin !== undefined) checkOrigin(origin)
  const routes = resolveRoutes(options)
  return async (c, next) => {
    if (origin !== undefined) rememberOrigin(c.req.raw, origin)
    const answered = routes === null
      ? null
      : await handleRoutes(sessions, c.req.raw, routesWithContext(routes, options, c), origin)
    if (answered !== null) return answered
    const result = await guard(sessions, requestHead(c), c, options)
    if (result instanceof Response) return result
    c.set('session', result.session)
    c.set('sessionClaims', result.claims)
    await next()
    // The handshake of a WebSocket is no response that can be copied. A refresh is not lost by it:
    // it is answered again.
    if (c.res.status === 101) return
    const merged = withHeaders(c.res, result.headers)
    // Hono puts the headers of the response that is there over those of the next one.
    c.res = undefined
    c.res = merged
  }
}

/**
 * A whole request is made anew only for a path that may be one of the routes: its body would be the
 * copy's.
 */
async function handleRoutes(
  sessions: AnySessions,
  request: Request,
  routes: HandleOptions,
  origin: string | undefined,
): Promise<Response | null> {
  if (origin === undefined) return sessions.handle(request, routes)
  const { basePath = '/session' } = routes
  const { pathname } = new URL(request.url)
  return pathname.startsWith(basePath)
    ? sessions.handle(new Request(withOrigin(request, origin), request.clone()), routes)
    : null
}

function withOrigin({ url }: Request, origin: string): string {
  const { pathname, search } = new URL(url)
  return origin + pathname + search
}
