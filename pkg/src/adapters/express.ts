/** Express 5. */
export { toRequest } from './node-request.js'
export { sendHeaders, sendResponse } from './node-response.js'
import type { RequestHead } from '../core/types.js'
import type { HandleOptions } from '../web/types.js'
import {
  type AnySessions,
  checkGuard,
  guard,
  GUARD_OPTIONS,
  type GuardOptions,
  resolveRoutes,
  routesWithContext,
} from './guard.js'
import {
  type AddressOptions,
  checkOrigin,
  type Incoming,
  rememberOrigin,
  requestHead,
  toRequest,
} from './node-request.js'
import { type Outgoing, sendHeadersUnlessSet, sendResponse } from './node-response.js'

/** A request of Express's, as far as we look at it. */
export interface ExpressRequest extends Incoming {
  readonly originalUrl: string
  readonly protocol: string
  readonly host: string
  body?: unknown
}

/** A response of Express's, as far as we look at it. */
export interface ExpressResponse extends Outgoing {
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of node:http accept no other type.
  writeHead: (...given: any[]) => unknown
}

/** What the middleware takes. */
export interface ExpressOptions<Req = ExpressRequest> extends GuardOptions<Req>, AddressOptions {
  /**
   * Takes the origin from `req.protocol` and `req.host`, which believe proxies as `app.set('trust
   * proxy', ...)` says. Default false.
   */
  trustProxy?: boolean
}

const OPTIONS: Record<keyof ExpressOptions, true> = {
  ...GUARD_OPTIONS,
  origin: true,
  trustProxy: true,
}

/**
 * `app.use(sessionMiddleware(sessions))`: `req.session` and `req.sessionClaims` for what follows,
 * `null` where there is no session. What `protect` has to say (new cookies, `Vary`) goes into
 * whatever the application answers, its error page and its 404 too: at the last moment, so that no
 * `res.set('Set-Cookie', ...)` loses it.
 *
 * To sign in or out in a route: `const answer = await sessions.signIn(toRequest(req), { subject
 * })`, then `sendHeaders(answer.headers, res)`.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to `next`
 */
export function sessionMiddleware<Req extends ExpressRequest = ExpressRequest>(
  sessions: AnySessions,
  options: ExpressOptions<Req> = {},
): (req: Req, res: ExpressResponse, next: (error?: unknown) => void) => void {
  checkGuard(sessions, options, OPTIONS, 'sessionMiddleware')
  if (options.origin !== undefined) checkOrigin(options.origin)
  return (req, res, next) => {
    handleRequest(sessions, req, res, options).then((goesOn) => goesOn && next(), next)
  }
}

async function handleRequest<Req extends ExpressRequest>(
  sessions: AnySessions,
  req: Req,
  res: ExpressResponse,
  options: ExpressOptions<Req>,
): Promise<boolean> {
  const origin = options.origin
    ?? (options.trustProxy === true ? `${req.protocol}://${req.host}` : undefined)
  if (origin !== undefined) rememberOrigin(req, origin)
  const head = requestHead(req)
  const routes = resolveRoutes(options)
  const answered = routes === null || !mayBeBelow(routes, req.originalUrl)
    ? null
    : await sessions.handle(toUnreadRequest(req, head), routesWithContext(routes, options, req))
  const result = answered ?? (await guard(sessions, head, req, options))
  if (result instanceof Response) {
    await sendResponse(result, res)
    return false
  }
  Object.assign(req, { session: result.session, sessionClaims: result.claims })
  beforeHead(res, () => sendHeadersUnlessSet(result.headers, res))
  return true
}

/** Spares a whole Request for every path that cannot be one of the routes. */
function mayBeBelow({ basePath = '/session' }: HandleOptions, url: string): boolean {
  return !url.startsWith('/') || url.startsWith(basePath)
}

/** Where a body parser was first, what it made of the body. */
function toUnreadRequest(req: ExpressRequest, { method, url, headers }: RequestHead): Request {
  if (!req.readableEnded || req.body === undefined) return toRequest(req)
  return new Request(url, {
    method,
    headers: [...headers],
    ...(isBodiless(method) ? {} : { body: JSON.stringify(req.body) }),
  })
}

function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/**
 * Runs something when the head of a response is about to go. What `writeHead` is given is put where
 * it can be seen.
 */
function beforeHead(res: ExpressResponse, run: () => void): void {
  const { writeHead } = res
  res.writeHead = (...given) => {
    const last: unknown = given.at(-1)
    if (typeof last === 'object' && last !== null) {
      for (const [name, value] of pairsOf(last)) res.setHeader(name, value)
      given.pop()
    }
    run()
    return writeHead.apply(res, given)
  }
}

/** What node:http takes: an object, or a flat list in which a name may come again. */
function pairsOf(headers: object): Iterable<[string, string | string[]]> {
  if (!Array.isArray(headers)) return Object.entries(headers as { [name: string]: string })
  const all = new Map<string, string[]>()
  for (let n = 0; n + 1 < headers.length; n += 2) {
    const name = String(headers[n]).toLowerCase()
    all.set(name, [...(all.get(name) ?? []), ...[headers[n + 1]].flat().map(String)])
  }
  return [...all].map((
    [name, values],
  ) => [name, values.length === 1 ? (values[0] as string) : values])
}
