/**
 * What the middlewares have in common.
 *
 * | protect says | `required` | the application |
 * |---|---|---|
 * | ok | | goes on, with the session |
 * | 401, 400: nobody is signed in; `ERR_RISK_STEP_UP`: perhaps it is somebody else | true | does not hear of it: the refusal is answered |
 * | the same | false | goes on, with `null` |
 * | another 403, 409, 503 | | does not hear of it |
 *
 * The last row holds for optional sessions too: who was overtaken by another tab, or met a store
 * that is down, is not signed out, and a page that says so would be believed; and a request from
 * another site is not better for being anonymous.
 */
import { rejectUnknownOptions } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import type { AuthenticatedSession, Claims, RequestHead, Session } from '../core/types.js'
import type { Sessions } from '../sessions/types.js'
import { withHeaders } from '../web/merge-headers.js'
import type { ContextReader, HandleOptions, Refused } from '../web/types.js'

/** What every middleware takes. `Context` is what its framework calls a request. */
export interface GuardOptions<Context> {
  /** Whether a request without a session is refused, or goes on with `null`. Default true. */
  required?: boolean
  /**
   * As in `protect`: ask the store as well. The session then comes with its data. Default false.
   */
  fresh?: boolean
  /** As in `protect`. */
  refreshEarlySeconds?: number
  /**
   * Finds the CSRF token in a form, for `policy.csrf: 'token'`. Asked for unsafe requests without
   * an `x-csrf-token` header.
   */
  csrfToken?: (context: Context) => string | undefined | Promise<string | undefined>
  /**
   * Where the request comes from, for scoring: `(req) => readContext(toRequest(req), { platform:
   * 'node', socket: req.socket })`. Asked where the request is refreshed or checked. Default: the
   * `context` of `createSessions`.
   */
  context?: ContextReader<Context>
  /** Answers the routes of `handle` as well: `true`, or its options. Default false. */
  routes?: boolean | HandleOptions
  /**
   * Sees every refusal that is about to be answered: for a log (`refused.error` is what was thrown,
   * where status is 503), or for a response of your own, which gets the refusal's headers. Default:
   * `refused.response`.
   */
  onRefused?: (
    refused: Refused,
    context: Context,
    // biome-ignore lint/suspicious/noConfusingVoidType: a handler that only logs returns nothing.
  ) => Response | undefined | void | Promise<Response | undefined | void>
}

/** Sessions with data of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` accepts sessions with data of any type.
export type AnySessions = Sessions<any>

/** A request that the application may have, with what goes into its response. */
export interface GuardSuccess {
  session: AuthenticatedSession | Session | null
  claims: Claims | null
  headers: Headers
}

export const GUARD_OPTIONS: Record<keyof GuardOptions<never>, true> = {
  required: true,
  fresh: true,
  refreshEarlySeconds: true,
  csrfToken: true,
  context: true,
  routes: true,
  onRefused: true,
}

/** Checks once what a middleware is made of. */
export function checkGuard(sessions: unknown, options: object, known: object, where: string): void {
  if (typeof (sessions as Sessions | undefined)?.protect !== 'function') {
    throw new PortcullisError('ERR_CONFIG', `${where} takes what createSessions gives.`)
  }
  rejectUnknownOptions(options, known, where)
}

/** The rows above. What is a `Response` is the answer. */
export async function guard<Context>(
  sessions: AnySessions,
  head: RequestHead,
  context: Context,
  { required = true, fresh = false, refreshEarlySeconds, csrfToken, context: reader, onRefused }:
    GuardOptions<Context>,
): Promise<GuardSuccess | Response> {
  const formToken = csrfToken === undefined || isSafe(head) || head.headers.has('x-csrf-token')
    ? undefined
    : await csrfToken(context)
  const early = refreshEarlySeconds === undefined ? {} : { refreshEarlySeconds }
  const token = typeof formToken === 'string' ? { csrfToken: formToken } : {}
  const contextOption = reader === undefined ? {} : { context: () => reader(context) }
  const answer = fresh
    ? await sessions.protect(head, { ...early, ...token, ...contextOption, fresh })
    : await sessions.protect(head, { ...early, ...token, ...contextOption })
  if (answer.ok) return answer
  // Whoever has to prove more needs the page where that is done.
  if (
    !required
    && (answer.status === 401 || answer.status === 400 || answer.code === 'ERR_RISK_STEP_UP')
  ) return { session: null, claims: null, headers: anonymousHeaders(answer) }
  const own = await onRefused?.(answer, context)
  return own instanceof Response ? withHeaders(own, answer.headers) : answer.response
}

/** The options of `handle`, where its routes are mounted. */
export function resolveRoutes(
  { routes = false }: { routes?: boolean | HandleOptions },
): HandleOptions | null {
  if (routes === false) return null
  return routes === true ? {} : routes
}

/** The same for one request, which the middleware's reader knows better than one of `handle`. */
export function routesWithContext<Context>(
  routes: HandleOptions,
  { context: reader }: Pick<GuardOptions<Context>, 'context'>,
  context: Context,
): HandleOptions {
  return reader === undefined || routes.context !== undefined
    ? routes
    : { ...routes, context: () => reader(context) }
}

function isSafe({ method }: RequestHead): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** A page for everybody may be kept by a cache, as long as it knows that others see another. */
function anonymousHeaders({ headers }: Refused): Headers {
  return headers.getSetCookie().length > 0
    ? headers
    : new Headers({ vary: 'Cookie, Authorization' })
}
