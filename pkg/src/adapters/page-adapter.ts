/**
 * What the adapters of frameworks that render pages have in common: one look at every request, of
 * which pages that are for everybody are many. The rows are those of the guard.
 */
import type { AuthenticatedSession, Claims } from '../core/types.js'
import { authenticateRender } from '../web/protect.js'
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

/** What every one of these adapters takes. `Context` is what its framework hands to its hook. */
export interface SiteOptions<Context> extends Omit<GuardOptions<Context>, 'required'> {
  /**
   * Whether a request without a session is refused, or goes on with `null`. Default false: most
   * sites have a page to sign in.
   */
  required?: boolean | ((context: Context) => boolean)
  /**
   * The site's origin as its users see it, such as `'https://app.example'`. Set it where a proxy
   * stands before the server and the framework does not know. Default: what the framework says.
   */
  origin?: string
}

/** What the adapters make known of the session, `null` where nobody is signed in. */
export interface SessionLocals<View = AuthenticatedSession> {
  session: View | null
  /** Every claim of the access token. */
  sessionClaims: Claims | null
}

/** A request that the framework may have, with what goes into its response. */
export interface PageSuccess extends Guarded {
  /**
   * The same, as its client would send it now: its head alone, with the cookies that `headers` is
   * about to set.
   */
  request: Request
}

const OPTIONS: Record<keyof SiteOptions<never>, true> = { ...GUARD_OPTIONS, origin: true }

/** Checks once what an adapter is made of. */
export function checkPageAdapter(
  sessions: unknown,
  options: { origin?: string },
  where: string,
): void {
  checkGuard(sessions, options, OPTIONS, where)
  if (options.origin !== undefined) checkOrigin(options.origin)
}

/**
 * What is a `Response` is the answer. `isInner`: the server asks itself, while it renders. It
 * speaks of itself as the framework does, and may use a token that the browser has not got yet.
 */
export async function authenticatePage<Context>(
  sessions: AnySessions,
  request: Request,
  context: Context,
  options: SiteOptions<Context>,
  isInner = false,
): Promise<PageSuccess | Response> {
  const { required = false, ...rest } = options
  const origin = isInner ? undefined : options.origin
  const routes = resolveRoutes(options)
  const answered = routes === null
    ? null
    : await sessions.handle(
      origin === undefined ? request : new Request(withOrigin(request.url, origin), request),
      routesWithContext(routes, options, context),
    )
  if (answered !== null) return answered
  const head = headOf(request, origin)
  const render = isInner && options.fresh !== true ? authenticateRender(sessions, head) : undefined
  if (render?.ok === true) {
    return {
      session: render.session,
      claims: render.claims,
      headers: new Headers({ vary: 'Cookie' }),
      request: head,
    }
  }
  const result = await guard(sessions, head, context, {
    ...rest,
    required: typeof required === 'function' ? required(context) : required,
  })
  if (result instanceof Response) return result
  const { session, claims, headers } = result
  return { session, claims, headers, request: withNewCookies(head, headers) }
}

/** The head of a request: all that sessions look at. Its body stays the framework's. */
export function headOf({ method, url, headers }: Request, origin?: string): Request {
  return new Request(origin === undefined ? url : withOrigin(url, origin), { method, headers })
}

function withOrigin(url: string, origin: string): string {
  const { pathname, search } = new URL(url)
  return origin + pathname + search
}
