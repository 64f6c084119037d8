/** The adapter for Fastify 5. */
import { PortcullisError } from '../core/errors.js'
import type { AuthenticatedSession, Claims, Session } from '../core/types.js'
import {
  type AnySessions,
  checkGuard,
  guard,
  GUARD_OPTIONS,
  type GuardOptions,
  type GuardSuccess,
  resolveRoutes,
  routesWithContext,
} from './guard.js'
import {
  type AddressOptions,
  checkOrigin,
  type Incoming,
  rememberOrigin,
  requestHead,
  toRequest as toWholeRequest,
} from './node-request.js'
import {
  type Headed,
  sendHeaders as sendNodeHeaders,
  sendHeadersUnlessSet,
} from './node-response.js'

/** The part of a request of Fastify that the plugin uses. */
export interface FastifyRequest {
  readonly raw: Incoming
  readonly protocol: string
  readonly host: string
  readonly routeOptions: { readonly config?: object }
  /** The instance on which the route is registered. */
  readonly server: object
  readonly body?: unknown
  /** The session that the plugin sets, `null` without one. */
  session?: AuthenticatedSession | Session | null
  /** All claims of the access token, `null` without a session. */
  sessionClaims?: Claims | null
}

/** The part of a reply of Fastify that the plugin uses. */
export interface FastifyReply {
  getHeader(name: string): string | number | string[] | undefined
  removeHeader(name: string): unknown
  header(name: string, value: string | string[]): unknown
  send(payload: unknown): unknown
}

/** The part of an instance of Fastify that the plugin uses. */
export interface FastifyInstance {
  readonly prefix: string
  hasRequestDecorator(name: string): boolean
  decorateRequest(name: string, value: null): unknown
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of Fastify accept no other type.
  addHook(name: any, hook: (request: any, reply: any, payload: any) => Promise<any>): unknown
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of Fastify accept no other type.
  register(plugin: (scope: any) => Promise<void>): unknown
}

/** The options of `sessionPlugin`. */
export interface SessionPluginOptions extends GuardOptions<FastifyRequest>, AddressOptions {
  /** The sessions that `createSessions` returned. */
  sessions: AnySessions
  /**
   * Whether to take the request's origin from `request.protocol` and `request.host`, which trust
   * proxies as configured by `Fastify({ trustProxy })`. Default false.
   */
  trustProxy?: boolean
}

/**
 * The value of `config.session` of a route. `false` leaves the route unprotected; `'optional'` and
 * `'required'` set `required` for it; `'fresh'` also checks the store.
 */
export type RouteSession = false | keyof typeof ROUTES

const ROUTES = {
  optional: { required: false },
  required: { required: true },
  fresh: { required: true, fresh: true },
}

const OPTIONS: Record<keyof SessionPluginOptions, true> = {
  ...GUARD_OPTIONS,
  sessions: true,
  origin: true,
  trustProxy: true,
}

/**
 * Sets `request.session` and `request.sessionClaims`, which are `null` without a session, for every
 * route of the instance and of the scopes below it. A route for everybody has `config: { session:
 * 'optional' }`, and one without protection, such as a sign-in, `config: { session: false }`. If a
 * nested scope registers the plugin again, the nearest registration applies. New cookies and `Vary`
 * are added to every response, also to errors and 404s.
 *
 * The plugin runs in the hook `onRequest`, before a body is read; with the option `csrfToken` it
 * runs in `preHandler`, when `request.body` is available. To sign in or out in a route, pass
 * `toRequest(request)` to the operation and its headers to `sendHeaders`.
 *
 * @example
 *
 * ```js
 * app.register(sessionPlugin, { sessions })
 * app.post('/sign-out', async (request, reply) => {
 *   const result = await sessions.signOut(toRequest(request))
 *   sendHeaders(result.headers, reply)
 *   return reply.redirect('/')
 * })
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option; errors of `protect` go to the error
 * handler
 */
export const sessionPlugin: (
  instance: FastifyInstance,
  options: SessionPluginOptions,
) => Promise<void> = Object.assign(plugin, {
  // Hooks and decorators apply to the instance that registers the plugin, not to a scope of its
  // own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'portcullis',
  [Symbol.for('plugin-meta')]: { name: 'portcullis', fastify: '5.x' },
})

/**
 * Returns the complete web-standard `Request`, for `sessions.signIn` and similar operations. A body
 * that Fastify has already read is only in `request.body`.
 */
export function toRequest(request: Pick<FastifyRequest, 'raw'>, options?: AddressOptions): Request {
  return toWholeRequest(request.raw, options)
}

/**
 * Adds the headers of a result to a reply: its cookies in addition to those that are set, and its
 * `Vary` names in addition to those that are listed.
 */
export function sendHeaders(
  headers: Headers,
  reply: Pick<FastifyReply, 'getHeader' | 'removeHeader' | 'header'>,
): void {
  sendNodeHeaders(headers, headed(reply))
}

const NEAREST = Symbol('portcullis')

async function plugin(instance: FastifyInstance, options: SessionPluginOptions): Promise<void> {
  const { sessions, origin } = options
  checkGuard(sessions, options, OPTIONS, 'sessionPlugin')
  if (origin !== undefined) checkOrigin(origin)
  for (const name of ['session', 'sessionClaims']) {
    if (!instance.hasRequestDecorator(name)) instance.decorateRequest(name, null)
  }
  // A nested scope inherits this property.
  Object.assign(instance, { [NEAREST]: options })
  const isOurs = (request: FastifyRequest): boolean =>
    (request.server as { [NEAREST]?: object })[NEAREST] === options
  const successes = new WeakMap<FastifyRequest, GuardSuccess>()
  instance.addHook('onRequest', async (request: FastifyRequest) => {
    if (isOurs(request)) locate(request, options)
  })
  instance.addHook(
    options.csrfToken === undefined ? 'onRequest' : 'preHandler',
    async (request: FastifyRequest, reply: FastifyReply) => {
      const wanted = isOurs(request) ? readRouteOptions(request) : null
      if (wanted === null) return
      const answer = await guard(sessions, requestHead(request.raw), request, {
        ...options,
        ...wanted,
      })
      if (answer instanceof Response) return reply.send(answer)
      request.session = answer.session
      request.sessionClaims = answer.claims
      successes.set(request, answer)
    },
  )
  instance.addHook(
    'onSend',
    async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
      const answer = successes.get(request)
      if (answer !== undefined) sendHeadersUnlessSet(answer.headers, headed(reply))
      return payload
    },
  )
  if (resolveRoutes(options) !== null) instance.register((scope) => mount(scope, options))
}

function locate(request: FastifyRequest, { origin, trustProxy }: SessionPluginOptions): void {
  const found = origin
    ?? (trustProxy === true ? `${request.protocol}://${request.host}` : undefined)
  if (found !== undefined) rememberOrigin(request.raw, found)
}

/** Returns the options of a route, `null` for a route without protection. */
function readRouteOptions(
  { routeOptions }: FastifyRequest,
): { required?: boolean; fresh?: boolean } | null {
  const wanted = (routeOptions.config as { session?: RouteSession } | undefined)?.session
  if (wanted === undefined) return {}
  if (wanted === false) return null
  if (Object.hasOwn(ROUTES, wanted)) return ROUTES[wanted]
  throw new PortcullisError(
    'ERR_CONFIG',
    "Invalid config.session of a route: expected false, 'optional', 'required' or 'fresh'.",
  )
}

interface Scope {
  prefix: string
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): void
  all(
    path: string,
    options: { config: { session: RouteSession } },
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ): void
}

/**
 * Mounts the routes of `handle` in their own scope without body parsers, so that `handle` reads the
 * bodies.
 */
async function mount(scope: Scope, options: SessionPluginOptions): Promise<void> {
  const routes = { ...resolveRoutes(options) }
  const path = routes.basePath ?? '/session'
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_, __, done) => done(null))
  scope.all(`${path}/*`, { config: { session: false } }, async (request, reply) => {
    return reply.send(
      await options.sessions.handle(toRequest(request), {
        ...routesWithContext(routes, options, request),
        basePath: scope.prefix + path,
      }),
    )
  })
}

function headed(reply: Pick<FastifyReply, 'getHeader' | 'removeHeader' | 'header'>): Headed {
  return {
    getHeader: (name) => reply.getHeader(name),
    setHeader(name, value) {
      // `header` would add the cookies to those that are set.
      reply.removeHeader(name)
      reply.header(name, value)
    },
  }
}
