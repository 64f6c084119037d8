/**
 * The part that the adapters of page-rendering frameworks share: every request is authenticated,
 * and a session is optional by default. The table is that of guard.ts.
 */
import type { AuthenticatedSession, Claims } from '../core/types.js'
import { handle } from '../web/handle.js'
import { innerInternals, protect } from '../web/protect.js'
import {
  type AnySessions,
  checkGuard,
  guard,
  GUARD_OPTIONS,
  type GuardOptions,
  type GuardSuccess as Guarded,
  resolveRoutes,
  routesWithContext,
} from './guard.js'
import { checkOrigin } from './node-request.js'
import { withNewCookies } from './set-cookie.js'
export type { AnySessions } from './guard.js'

/**
 * The options of these adapters. `Context` is the argument that the framework passes to its hook.
 */
export interface PageAdapterOptions<Context> extends Omit<GuardOptions<Context>, 'required'> {
  /**
   * Whether a request without a session is rejected; otherwise it continues with `null`. Default
   * false, because most sites have a sign-in page.
   */
  required?: boolean | ((context: Context) => boolean)
  /**
   * The site's origin as users see it, such as `'https://app.example'`. Set it if a proxy is in
   * front of the server and the framework does not know. Default: the origin that the framework
   * reports.
   */
  origin?: string
}

/** The session as adapters set it for pages; `null` without a session. */
export interface SessionLocals<View = AuthenticatedSession> {
  /** The session, `null` without one. */
  session: View | null
  /** All claims of the access token. */
  sessionClaims: Claims | null
}

/** A request that may continue, with the headers for its response. */
export interface PageSuccess extends Guarded {
  /** The head of the request as the client would send it with the cookies that `headers` set. */
  request: Request
}

const OPTIONS: Record<keyof PageAdapterOptions<never>, true> = { ...GUARD_OPTIONS, origin: true }

/** Checks the arguments of an adapter once, when it is created. */
export function checkPageAdapter(
  sessions: unknown,
  options: { origin?: string },
  where: string,
): void {
  checkGuard(sessions, options, OPTIONS, where)
  if (options.origin !== undefined) checkOrigin(options.origin)
}

/**
 * Protects the request of a page. A `Response` must be sent as it is.
 *
 * @param isInner whether the server sends this request to itself while it renders. Its URL is that
 * of the framework, and its token may be one that the browser has not received yet.
 */
export async function authenticatePage<Context>(
  sessions: AnySessions,
  request: Request,
  context: Context,
  options: PageAdapterOptions<Context>,
  isInner = false,
): Promise<PageSuccess | Response> {
  const { required = false, ...rest } = options
  const origin = isInner ? undefined : options.origin
  const routes = resolveRoutes(options)
  const operations = isInner ? innerSessions(sessions) : sessions
  const answered = routes === null
    ? null
    : await operations.handle(
      origin === undefined ? request : new Request(withOrigin(request.url, origin), request),
      routesWithContext(routes, options, context),
    )
  if (answered !== null) return answered
  const head = headOf(request, origin)
  const result = await guard(operations, head, context, {
    ...rest,
    required: typeof required === 'function' ? required(context) : required,
  })
  if (result instanceof Response) return result
  const { session, claims, headers } = result
  return { session, claims, headers, request: withNewCookies(head, headers) }
}

/** The operations for requests that the server sends to itself. */
function innerSessions(sessions: AnySessions): Pick<AnySessions, 'protect' | 'handle'> {
  const internals = innerInternals(sessions)
  return internals === undefined ? sessions : {
    protect: ((head, options) => protect(internals, head, options)) as AnySessions['protect'],
    handle: (request, options) => handle(internals, request, options),
  }
}

/**
 * Returns the head of a request, which is all that sessions read. The body remains for the
 * framework.
 */
export function headOf({ method, url, headers }: Request, origin?: string): Request {
  return new Request(origin === undefined ? url : withOrigin(url, origin), { method, headers })
}

function withOrigin(url: string, origin: string): string {
  const { pathname, search } = new URL(url)
  return origin + pathname + search
}
