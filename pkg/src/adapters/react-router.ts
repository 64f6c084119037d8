/**
 * The adapter for React Router 7 in framework mode with the future flag `v8_middleware`. Version 8
 * has the same middleware without the flag.
 */
import type { AuthenticatedSession, Session } from '../core/types.js'
import { withHeaders } from '../web/merge-headers.js'
import {
  type AnySessions,
  authenticatePage,
  checkPageAdapter,
  type SiteOptions,
} from './page-adapter.js'
export type { SiteOptions } from './page-adapter.js'

/** The result of `createContext` of React Router, by which loaders and actions read the session. */
export interface SessionContext<View = AuthenticatedSession | Session> {
  defaultValue?: View | null
}

/** The part of the arguments of middlewares, loaders and actions that is used. */
export interface RouterArgs {
  readonly request: Request
  readonly context: { set(context: unknown, value: unknown): void }
}

/**
 * Creates the middleware for `app/root`. Loaders and actions read the session by
 * `context.get(sessionContext)`, which is `null` without a session. New cookies are added to every
 * response. To sign in or out in an action, return a response with the headers of the result: its
 * cookies replace those of the middleware.
 *
 * @example
 *
 * ```js
 * export const sessionContext = createContext(null)
 * export const middleware = [sessionMiddleware(sessions, sessionContext)]
 * export async function action({ request }) {
 *   const result = await sessions.signIn(request, { subject })
 *   return redirect('/', { headers: result.headers })
 * }
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to the error
 * boundary and to `handleError`
 */
export function sessionMiddleware<Args extends RouterArgs>(
  sessions: AnySessions,
  sessionContext: SessionContext<unknown>,
  options: SiteOptions<Args> = {},
): (args: Args, next: () => Promise<Response>) => Promise<Response> {
  checkPageAdapter(sessions, options, 'sessionMiddleware')
  return async (args, next) => {
    const admitted = await authenticatePage(sessions, args.request, args, options)
    if (admitted instanceof Response) return admitted
    args.context.set(sessionContext, admitted.session)
    return withHeaders(await next(), admitted.headers)
  }
}
