/** Hono 4. */
import type { AuthenticatedSession, Claims } from '../types.js'
import { withHeaders } from '../web/merge.js'
import { type AnySessions, checkGuard, guard, GUARD_OPTIONS, type GuardOptions, routesOf } from './guard.js'

/** A `Context` of Hono's, as far as we look at it. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  get res(): Response
  set res(response: Response | undefined)
  set(key: string, value: unknown): void
}

/**
 * What the middleware sets, for `new Hono<{ Variables: SessionVariables }>()`. With `required: false` it is
 * `SessionVariables<AuthenticatedSession | null>`, with `fresh: true` `SessionVariables<Session<YourData>>`.
 */
export interface SessionVariables<View = AuthenticatedSession> {
  session: View
  /** Every claim of the access token; `null` where there is no session. */
  sessionClaims: View extends null ? null : Claims
}

/**
 * `app.use(sessionMiddleware(sessions))`: `c.var.session` for what follows. What `protect` has to say (new cookies, `Vary`)
 * goes into whatever the application answers, its error page and its 404 too.
 *
 * To sign in or out in a route: `const answer = await sessions.signIn(c.req.raw, { subject })`, then
 * `return withHeaders(c.json(...), answer.headers)`.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to `app.onError`
 */
export function sessionMiddleware<Context extends HonoContext = HonoContext>(sessions: AnySessions, options: GuardOptions<Context> = {}): (c: Context, next: () => Promise<void>) => Promise<Response | void> {
  checkGuard(sessions, options, GUARD_OPTIONS, 'sessionMiddleware')
  const routes = routesOf(options)
  return async (c, next) => {
    const answered = routes === null ? null : await sessions.handle(c.req.raw, routes)
    if (answered !== null) return answered
    const admitted = await guard(sessions, c.req.raw, c, options)
    if (admitted instanceof Response) return admitted
    c.set('session', admitted.session)
    c.set('sessionClaims', admitted.claims)
    await next()
    // The handshake of a WebSocket is no response that can be copied. A refresh is not lost by it: it is answered again.
    if (c.res.status === 101) return
    const merged = withHeaders(c.res, admitted.headers)
    // Hono puts the headers of the response that is there over those of the next one.
    c.res = undefined
    c.res = merged
  }
}
