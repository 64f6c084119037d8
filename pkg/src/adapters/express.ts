/** The adapter for Express 5. */
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

/** The part of a request of Express that the adapter uses. */
export interface ExpressRequest extends Incoming {
  readonly originalUrl: string
  readonly protocol: string
  readonly host: string
  body?: unknown
}

/** The part of a response of Express that the adapter uses. */
export interface ExpressResponse extends Outgoing {
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of node:http accept no other type.
  writeHead: (...given: any[]) => unknown
}

/** The options of `sessionMiddleware`. */
export interface ExpressOptions<Req = ExpressRequest> extends GuardOptions<Req>, AddressOptions {
  /**
   * Whether to take the request's origin from `req.protocol` and `req.host`, which trust proxies as
   * configured by `app.set('trust proxy', ...)`. Default false.
   */
  trustProxy?: boolean
}

const OPTIONS: Record<keyof ExpressOptions, true> = {
  ...GUARD_OPTIONS,
  origin: true,
  trustProxy: true,
}

/**
 * Creates the middleware. It sets `req.session` and `req.sessionClaims`, which are `null` without a
 * session. New cookies and `Vary` are added to every response, also to errors and 404s. They are
 * added when the response is sent, so `res.set('Set-Cookie', ...)` cannot remove them.
 *
 * To sign in or out in a route, pass `toRequest(req)` to the operation and its headers to
 * `sendHeaders`.
 *
 * @example
 *
 * ```js
 * app.post('/sign-in', async (req, res) => {
 *   const result = await sessions.signIn(toRequest(req), { subject })
 *   sendHeaders(result.headers, res)
 *   res.redirect('/')
 * })
 * app.use(sessionMiddleware(sessions))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to `next`
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

/** Whether a path may be one of the routes. For all others no Request object is created. */
function mayBeBelow({ basePath = '/session' }: HandleOptions, url: string): boolean {
  return !url.startsWith('/') || url.startsWith(basePath)
}

/**
 * Returns the request with an unread body. If a body parser has read it, its result is serialised
 * again.
 */
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
 * Runs a function just before the head of a response is sent. Headers that are passed to
 * `writeHead` are set first, so that the function sees them.
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

/**
 * Returns the headers that `writeHead` accepts: an object, or a flat list in which a name may
 * repeat.
 */
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
