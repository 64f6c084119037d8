/** The adapter for SvelteKit 3. Version 2 has the same hook. */
import { withHeaders } from '../web/merge-headers.js'
import {
  type AnySessions,
  authenticatePage,
  checkPageAdapter,
  headOf,
  type SessionLocals,
  type SiteOptions,
} from './page-adapter.js'
import { type CookieTarget, copyCookies } from './set-cookie.js'
export type { SessionLocals, SiteOptions } from './page-adapter.js'

/** The part of a `RequestEvent` of SvelteKit that the adapter uses. */
export interface KitEvent {
  readonly request: Request
  readonly cookies: CookieTarget
  readonly locals: object
  /**
   * Whether the request comes from `event.fetch`: the server requests one of its own pages while it
   * renders.
   */
  readonly isSubRequest: boolean
}

/**
 * The state of each request. The key is `locals`, because one request has several events but one
 * `locals`.
 */
const events = new WeakMap<object, { request: Request; headers: Headers[] }>()

/**
 * Creates the hook for `src/hooks.server`. It sets `event.locals.session` and
 * `event.locals.sessionClaims`, which are `null` without a session. New cookies go into
 * `event.cookies`, so that requests of the page's render have them, and the browser gets them with
 * any response: a page, an action, a redirect or an error.
 *
 * @example
 *
 * ```js
 * export const handle = sessionHandle(sessions)
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to
 * `handleError`
 */
export function sessionHandle<Event extends KitEvent>(
  sessions: AnySessions,
  options: SiteOptions<Event> = {},
): (
  input: { event: Event; resolve: (event: Event) => Response | Promise<Response> },
) => Promise<Response> {
  checkPageAdapter(sessions, options, 'sessionHandle')
  return async ({ event, resolve }) => {
    const result = await authenticatePage(
      sessions,
      event.request,
      event,
      options,
      event.isSubRequest,
    )
    if (result instanceof Response) return result
    const { session, claims, headers, request } = result
    Object.assign(
      event.locals,
      { session, sessionClaims: claims } satisfies SessionLocals<typeof session>,
    )
    const entry = { request, headers: [headers] }
    events.set(event.locals, entry)
    copyCookies(headers, event.cookies)
    // The response already has the cookies of the event, and they stay: a handler that signs in or
    // out decides later than `protect`.
    const response = await resolve(event)
    return entry.headers.reduce(withHeaders, response)
  }
}

/**
 * Returns the request with the cookies that are about to be set, but without its body. Pass it to
 * `sessions.signIn`, `signOut` or `stepUp` in an action or an endpoint.
 *
 * @example
 *
 * ```js
 * const result = await sessions.signIn(toRequest(event), { subject })
 * sendHeaders(result.headers, event)
 * ```
 */
export function toRequest({ request, locals }: Pick<KitEvent, 'request' | 'locals'>): Request {
  return events.get(locals)?.request ?? headOf(request)
}

/**
 * Adds the headers of a result of `signIn`, `signOut` or `stepUp` to the response of an action or
 * an endpoint.
 */
export function sendHeaders(
  headers: Headers,
  { cookies, locals }: Pick<KitEvent, 'cookies' | 'locals'>,
): void {
  copyCookies(headers, cookies)
  events.get(locals)?.headers.push(headers)
}
