/** SvelteKit 3. Version 2 has the same hook. */
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

/** A `RequestEvent` of SvelteKit's, as far as we look at it. */
export interface KitEvent {
  readonly request: Request
  readonly cookies: CookieTarget
  readonly locals: object
  /** Whether it is `event.fetch` that asks: a page of the own server, while it renders. */
  readonly isSubRequest: boolean
}

/**
 * What goes on with each request. By `locals`: the events of one request are many, those are one.
 */
const events = new WeakMap<object, { request: Request; headers: Headers[] }>()

/**
 * `export const handle = sessionHandle(sessions)` in `src/hooks.server`: `event.locals.session` and
 * `event.locals.sessionClaims` for everything that follows, `null` where nobody is signed in.
 * Cookies go into `event.cookies`, so that what the page fetches while it renders has the new ones,
 * and the browser gets them whatever the answer is: a page, an action, a redirect, an error.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to `handleError`
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
    // The cookies of the jar are in the response by now, and stay: who signed in or out has decided
    // later than `protect`.
    const response = await resolve(event)
    return entry.headers.reduce(withHeaders, response)
  }
}

/**
 * The request as the browser would send it now, with the cookies that are about to be set: for
 * `sessions.signIn`, `signOut` and `stepUp` in an action or an endpoint. It has no body.
 */
export function toRequest({ request, locals }: Pick<KitEvent, 'request' | 'locals'>): Request {
  return events.get(locals)?.request ?? headOf(request)
}

/**
 * Puts the headers of an answer of `signIn`, `signOut` or `stepUp` into the response, in an action
 * or an endpoint.
 */
export function sendHeaders(
  headers: Headers,
  { cookies, locals }: Pick<KitEvent, 'cookies' | 'locals'>,
): void {
  copyCookies(headers, cookies)
  events.get(locals)?.headers.push(headers)
}
