/** The adapter for Hono 4. */
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

/** The part of a `Context` of Hono that the middleware uses. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  get res(): Response
  set res(response: Response | undefined)
  set(key: string, value: unknown): void
}

/**
 * The variables that the middleware sets, for `new Hono<{ Variables: SessionVariables }>()`. With
 * `required: false` use `SessionVariables<AuthenticatedSession | null>`, and with `fresh: true` use
 * `SessionVariables<Session<YourData>>`.
 */
export interface SessionVariables<View = AuthenticatedSession> {
  /** The session, `null` without one if `required` is false. */
  session: View
  /** All claims of the access token; `null` without a session. */
  sessionClaims: View extends null ? null : Claims
}

/** The options of `sessionMiddleware`. */
export interface HonoOptions<Context = HonoContext> extends GuardOptions<Context> {
  /**
   * The site's origin as users see it, such as `'https://app.example'`. Set it if a proxy passes
   * requests on under another name. Default: the origin of the request's URL.
   */
  origin?: string
}

const OPTIONS: Record<keyof HonoOptions, true> = { ...GUARD_OPTIONS, origin: true }

/**
 * Returns the head of a request for `sessions.signIn` and similar operations, with the origin of
 * the options or of an earlier middleware. Without either, it is the same as `c.req.raw`.
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid `origin`
 */
export function requestHead(c: HonoContext, { origin }: { origin?: string } = {}): RequestHead {
  const request = c.req.raw
  const known = origin === undefined ? rememberedOrigin(request) : checkOrigin(origin)
  return known === undefined
    ? request
    : { method: request.method, url: withOrigin(request, known), headers: request.headers }
}

/**
 * Creates the middleware. It sets `c.var.session` and `c.var.sessionClaims`. New cookies and `Vary`
 * are added to every response, also to errors and 404s.
 *
 * @example
 *
 * ```js
 * app.post('/sign-in', async (c) => {
 *   const result = await sessions.signIn(c.req.raw, { subject })
 *   return withHeaders(c.redirect('/'), result.headers)
 * })
 * app.use(sessionMiddleware(sessions))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to
 * `app.onError`
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
    // The response of a WebSocket handshake cannot be copied. A refresh in it is not lost: the
    // client gets its successor again.
    if (c.res.status === 101) return
    const merged = withHeaders(c.res, result.headers)
    // Hono would merge the headers of the present response into the next one.
    c.res = undefined
    c.res = merged
  }
}

/**
 * Serves the routes of `handle`. A request with another origin is copied only for a path that may
 * be a route, because the copy takes over the body.
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
