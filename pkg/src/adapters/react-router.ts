/** React Router 7 in framework mode, with the future flag `v8_middleware`. Version 8 has the same middleware without one. */
import type { AuthenticatedSession, Session } from '../types.js'
import { withHeaders } from '../web/merge.js'
import { admit, type AnySessions, checkSite, headOf, type SiteOptions } from './site.js'
export type { SiteOptions } from './site.js'

/** What `createContext` of React Router's gives: where the session is kept for loaders and actions. */
export interface SessionContext<View = AuthenticatedSession | Session> {
  defaultValue?: View | null
}

/** What middlewares, loaders and actions are given, as far as we look at it. */
export interface RouterArgs {
  readonly request: Request
  readonly context: { set(context: any, value: any): void }
}

/** As the browser would send each request now. */
const now = new WeakMap<object, Request>()

/**
 * `export const middleware = [sessionMiddleware(sessions, sessionContext)]` in `app/root`, with `sessionContext =
 * createContext(null)`: loaders and actions find the session by `context.get(sessionContext)`, `null` where nobody is signed
 * in. New cookies go into whatever is answered. To sign in or out in an action: `const answer = await
 * sessions.signIn(toRequest(args), { subject })`, then `return redirect('/', { headers: answer.headers })`.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to the error boundary and to `handleError`
 */
export function sessionMiddleware<Args extends RouterArgs>(sessions: AnySessions, sessionContext: SessionContext<any>, options: SiteOptions<Args> = {}): (args: Args, next: () => Promise<Response>) => Promise<Response> {
  checkSite(sessions, options, 'sessionMiddleware')
  return async (args, next) => {
    const admitted = await admit(sessions, args.request, args, options)
    if (admitted instanceof Response) return admitted
    args.context.set(sessionContext, admitted.session)
    now.set(args.context, admitted.request)
    return withHeaders(await next(), admitted.headers)
  }
}

/** The request as the browser would send it now, with the cookies that are about to be set: for `sessions.signIn`, `signOut` and `stepUp`. It has no body. */
export function toRequest({ request, context }: RouterArgs): Request {
  return now.get(context) ?? headOf(request)
}
