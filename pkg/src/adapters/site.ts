/**
 * What the adapters of frameworks that render pages have in common: one look at every request, of which pages that are for
 * everybody are many.
 *
 * | protect says | `required` | the framework |
 * |---|---|---|
 * | ok | | goes on, with the session |
 * | 401, 400: nobody is signed in | false | goes on, with `null` |
 * | 401, 400 | true | does not hear of it: the refusal is answered |
 * | 403, 409, 503 | | does not hear of it |
 *
 * The last row holds for pages for everybody too: who was overtaken by another tab, or met a store that is down, is not
 * signed out, and a page that says so would be believed.
 */
import { PortcullisError } from '../errors.js'
import { refuseUnknown } from '../inputs.js'
import type { AuthenticatedSession, Claims, Session, Sessions } from '../types.js'
import { withHeaders } from '../web/merge.js'
import { glanceAt } from '../web/protect.js'
import type { HandleOptions, Refused } from '../web/types.js'
import { renewed } from './jar.js'

/** Sessions with data of any kind. */
export type AnySessions = Sessions<any>

/** What every one of these adapters takes. `Context` is what its framework hands to its hook. */
export interface SiteOptions<Context> {
  /** Whether a request without a session is refused, or goes on with `null`. Default false: most sites have a page to sign in. */
  required?: boolean | ((context: Context) => boolean)
  /** As in `protect`: ask the store as well. The session then comes with its data. Default false. */
  fresh?: boolean
  /** As in `protect`. */
  refreshEarlySeconds?: number
  /** Finds the CSRF token in a form, for `policy.csrf: 'token'`. Asked for unsafe requests without an `x-csrf-token` header. Read a clone of the body. */
  csrfToken?: (context: Context) => string | undefined | Promise<string | undefined>
  /** Answers the routes of `handle` as well: `true`, or its options. Default false. */
  routes?: boolean | HandleOptions
  /** The site's origin as its users see it, such as `'https://app.example'`. Set it where a proxy stands before the server and the framework does not know. Default: what the framework says. */
  origin?: string
  /**
   * Sees every refusal that is about to be answered: for a log (`refused.error` is what was thrown, where status is 503), or
   * for a response of your own, such as a redirect to the sign-in; it gets the refusal's headers. Default: `refused.response`.
   */
  onRefused?: (refused: Refused, context: Context) => Response | undefined | void | Promise<Response | undefined | void>
}

/** What the adapters make known of the session, `null` where nobody is signed in. */
export interface SessionLocals<View = AuthenticatedSession> {
  session: View | null
  /** Every claim of the access token. */
  sessionClaims: Claims | null
}

/** A request that the framework may have, with what goes into its response. */
export interface Admitted {
  session: AuthenticatedSession | Session | null
  claims: Claims | null
  headers: Headers
  /** The same, as its client would send it now: its head alone, with the cookies that `headers` is about to set. */
  request: Request
}

const OPTIONS: Record<keyof SiteOptions<never>, true> = { required: true, fresh: true, refreshEarlySeconds: true, csrfToken: true, routes: true, origin: true, onRefused: true }

/** Checks once what an adapter is made of. */
export function checkSite(sessions: unknown, options: object, where: string): void {
  if (typeof (sessions as Sessions | undefined)?.protect !== 'function') throw new PortcullisError('ERR_CONFIG', `${where} takes what createSessions gives.`)
  refuseUnknown(options, OPTIONS, where)
  const { origin } = options as { origin?: unknown }
  if (origin !== undefined && !(typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin)) {
    throw new PortcullisError('ERR_CONFIG', "origin must be a scheme and a host, such as 'https://app.example', and nothing more.")
  }
}

/**
 * The rows above. What is a `Response` is the answer. `isInner`: the server asks itself, while it renders. It speaks of itself
 * as the framework does, and may use a token that the browser has not got yet.
 */
export async function admit<Context>(sessions: AnySessions, request: Request, context: Context, options: SiteOptions<Context>, isInner = false): Promise<Admitted | Response> {
  const { routes = false, fresh = false, refreshEarlySeconds, onRefused } = options
  const origin = isInner ? undefined : options.origin
  if (routes !== false) {
    const answered = await sessions.handle(origin === undefined ? request : moved(request, origin), routes === true ? {} : routes)
    if (answered !== null) return answered
  }
  const head = headOf(request, origin)
  const said = isInner && !fresh ? glanceAt(sessions, head) : undefined
  if (said?.ok === true) return { session: said.session, claims: said.claims, headers: new Headers({ vary: 'Cookie' }), request: head }
  const field = await formToken(request, context, options)
  const wanted = { ...(field === undefined ? {} : { csrfToken: field }), ...(refreshEarlySeconds === undefined ? {} : { refreshEarlySeconds }) }
  const answer = fresh ? await sessions.protect(head, { ...wanted, fresh }) : await sessions.protect(head, wanted)
  if (answer.ok) return { session: answer.session, claims: answer.claims, headers: answer.headers, request: renewed(head, answer.headers) }
  if ((answer.status === 401 || answer.status === 400) && !isRequired(options, context)) {
    const headers = nobody(answer)
    return { session: null, claims: null, headers, request: renewed(head, headers) }
  }
  const own = await onRefused?.(answer, context)
  return own instanceof Response ? withHeaders(own, answer.headers) : answer.response
}

/** The head of a request: all that sessions look at. Its body stays the framework's. */
export function headOf({ method, url, headers }: Request, origin?: string): Request {
  return new Request(origin === undefined ? url : elsewhere(url, origin), { method, headers })
}

function moved(request: Request, origin: string): Request {
  return new Request(elsewhere(request.url, origin), request)
}

function elsewhere(url: string, origin: string): string {
  const { pathname, search } = new URL(url)
  return origin + pathname + search
}

async function formToken<Context>({ method, headers }: Request, context: Context, { csrfToken }: SiteOptions<Context>): Promise<string | undefined> {
  const isSafe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
  const found = csrfToken === undefined || isSafe || headers.has('x-csrf-token') ? undefined : await csrfToken(context)
  return typeof found === 'string' ? found : undefined
}

function isRequired<Context>({ required = false }: SiteOptions<Context>, context: Context): boolean {
  return typeof required === 'function' ? required(context) : required
}

/** A page for everybody may be kept by a cache, as long as it knows that others see another. */
function nobody({ headers }: Refused): Headers {
  return headers.getSetCookie().length > 0 ? headers : new Headers({ vary: 'Cookie, Authorization' })
}
