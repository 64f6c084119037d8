/**
 * React Router 7 in framework mode, with the future flag `v8_middleware`. Version 8 has the same
 * middleware without one.
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

/**
 * What `createContext` of React Router's gives: where the session is kept for loaders and actions.
 */
export interface SessionContext<View = AuthenticatedSession | Session> {
  defaultValue?: View | null
}

/** What middlewares, loaders and actions are given, as far as we look at it. */
export interface RouterArgs {
  readonly request: Request
  readonly context: { set(context: unknown, value: unknown): void }
}

/**
 * `export const middleware = [sessionMiddleware(sessions, sessionContext)]` in `app/root`, with
 * `sessionContext = createContext(null)`: loaders and actions find the session by
 * `context.get(sessionContext)`, `null` where nobody is signed in. New cookies go into whatever is
 * answered. To sign in or out in an action: `const answer = await sessions.signIn(request, {
 * subject })`, then `return redirect('/', { headers: answer.headers })`: such a response has
 * decided later than the middleware, whose cookies stay away then.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to the error boundary and to
 * `handleError`
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
