/**
 * The part that all middlewares share.
 *
 * | result of `protect` | `required` | reaction |
 * |---|---|---|
 * | ok | any | the application continues with the session |
 * | 401, 400 or `ERR_RISK_STEP_UP_REQUIRED` | true | the rejection is the response |
 * | 401, 400 or `ERR_RISK_STEP_UP_REQUIRED` | false | the application continues with `null` |
 * | another 403, 409, 503 | any | the rejection is the response |
 *
 * The last row also applies to optional sessions. A user whose request conflicted with another tab,
 * or met an unavailable store, is not signed out, so a page must not say so. A cross-origin request
 * is not made safe by treating it as anonymous.
 */
import { rejectUnknownOptions } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import type { AuthenticatedSession, Claims, RequestHead, Session } from '../core/types.js'
import type { Sessions } from '../sessions/types.js'
import { withHeaders } from '../web/merge-headers.js'
import type { ContextReader, HandleOptions, ProtectRejection } from '../web/types.js'

/** The options of every middleware. `Context` is the framework's type of a request. */
export interface GuardOptions<Context> {
  /**
   * Whether a request without a session is rejected; otherwise it continues with `null`. Default
   * true.
   */
  required?: boolean
  /**
   * Whether to check the store as well, as in `protect`. The session then comes with its data.
   * Default false.
   */
  checkStore?: boolean
  /** The time before expiry at which the access token is refreshed, in seconds, as in `protect`. */
  refreshEarlySeconds?: number
  /**
   * Reads the CSRF token of a form, for `policy.csrf: 'origin-and-token'`. It is called for unsafe
   * requests without an `x-csrf-token` header.
   */
  csrfTokenReader?: (context: Context) => string | undefined | Promise<string | undefined>
  /**
   * Reads the request context for risk assessment, such as `(req) => readContext(toRequest(req), {
   * platform: 'node', socket: req.socket })`. It is called when the request is refreshed or checked
   * against the store. Default: the `contextReader` of `createSessions`.
   */
  contextReader?: ContextReader<Context>
  /**
   * Whether to serve the routes of `handle` as well: `true`, or the options of `handle`. Default
   * false.
   */
  routes?: boolean | HandleOptions
  /**
   * Called with every rejection before its response is sent: to log it (`error` is the error if the
   * status is 503), or to return a custom response, to which the headers of the rejection are
   * added. Default: the `response` of the rejection.
   */
  onRejected?: (
    refused: ProtectRejection,
    context: Context,
    // biome-ignore lint/suspicious/noConfusingVoidType: a handler that only logs returns nothing.
  ) => Response | undefined | void | Promise<Response | undefined | void>
}

/** Sessions with data of any type, which the adapters accept. */
// biome-ignore lint/suspicious/noExplicitAny: only `any` accepts sessions with data of any type.
export type AnySessions = Sessions<any>

/** A request that may continue, with the headers for its response. */
export interface GuardSuccess {
  /** The session, `null` without one. */
  session: AuthenticatedSession | Session | null
  /** All claims of the access token, `null` without a session. */
  claims: Claims | null
  /** The headers that the response must carry. */
  headers: Headers
}

/** The names of the options, to reject unknown ones. */
export const GUARD_OPTIONS: Record<keyof GuardOptions<never>, true> = {
  required: true,
  checkStore: true,
  refreshEarlySeconds: true,
  csrfTokenReader: true,
  contextReader: true,
  routes: true,
  onRejected: true,
}

/** Checks the arguments of a middleware once, when it is created. */
export function checkGuard(sessions: unknown, options: object, known: object, where: string): void {
  if (typeof (sessions as Sessions | undefined)?.protect !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      `Invalid sessions of ${where}: pass the result of createSessions.`,
    )
  }
  rejectUnknownOptions(options, known, where)
}

/** Protects a request by the table above. A `Response` must be sent as it is. */
export async function guard<Context>(
  sessions: Pick<AnySessions, 'protect'>,
  head: RequestHead,
  context: Context,
  {
    required = true,
    checkStore = false,
    refreshEarlySeconds,
    csrfTokenReader,
    contextReader,
    onRejected,
  }: GuardOptions<Context>,
): Promise<GuardSuccess | Response> {
  const formToken =
    csrfTokenReader === undefined || isSafe(head) || head.headers.has('x-csrf-token')
      ? undefined
      : await csrfTokenReader(context)
  const early = refreshEarlySeconds === undefined ? {} : { refreshEarlySeconds }
  const token = typeof formToken === 'string' ? { csrfToken: formToken } : {}
  const contextOption = contextReader === undefined
    ? {}
    : { contextReader: () => contextReader(context) }
  const answer = checkStore
    ? await sessions.protect(head, { ...early, ...token, ...contextOption, checkStore })
    : await sessions.protect(head, { ...early, ...token, ...contextOption })
  if (answer.ok) return answer
  // A user who must step up needs the page that offers it.
  if (
    !required
    && (answer.status === 401 || answer.status === 400
      || answer.code === 'ERR_RISK_STEP_UP_REQUIRED')
  ) return { session: null, claims: null, headers: anonymousHeaders(answer) }
  const own = await onRejected?.(answer, context)
  return own instanceof Response ? withHeaders(own, answer.headers) : answer.response
}

/** Returns the options of `handle`, `null` if its routes are not served. */
export function resolveRoutes(
  { routes = false }: { routes?: boolean | HandleOptions },
): HandleOptions | null {
  if (routes === false) return null
  return routes === true ? {} : routes
}

/**
 * Adds the context reader of the middleware to the options of `handle`, unless these have their
 * own.
 */
export function routesWithContext<Context>(
  routes: HandleOptions,
  { contextReader }: Pick<GuardOptions<Context>, 'contextReader'>,
  context: Context,
): HandleOptions {
  return contextReader === undefined || routes.contextReader !== undefined
    ? routes
    : { ...routes, contextReader: () => contextReader(context) }
}

function isSafe({ method }: RequestHead): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/**
 * Returns the headers for a response without a session. Caches may keep such a page, but `Vary`
 * tells them that users with a session see another.
 */
function anonymousHeaders({ headers }: ProtectRejection): Headers {
  return headers.getSetCookie().length > 0
    ? headers
    : new Headers({ vary: 'Cookie, Authorization' })
}
