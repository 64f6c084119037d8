/** Fastify 5. */
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

/** A request of Fastify's, as far as we look at it. */
export interface FastifyRequest {
  readonly raw: Incoming
  readonly protocol: string
  readonly host: string
  readonly routeOptions: { readonly config?: object }
  /** The instance that the route is registered on. */
  readonly server: object
  readonly body?: unknown
  session?: AuthenticatedSession | Session | null
  sessionClaims?: Claims | null
}

/** A reply of Fastify's, as far as we look at it. */
export interface FastifyReply {
  getHeader(name: string): string | number | string[] | undefined
  removeHeader(name: string): unknown
  header(name: string, value: string | string[]): unknown
  send(payload: unknown): unknown
}

/** An instance of Fastify's, as far as we look at it. */
export interface FastifyInstance {
  readonly prefix: string
  hasRequestDecorator(name: string): boolean
  decorateRequest(name: string, value: null): unknown
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of Fastify accept no other type.
  addHook(name: any, hook: (request: any, reply: any, payload: any) => Promise<any>): unknown
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of Fastify accept no other type.
  register(plugin: (scope: any) => Promise<void>): unknown
}

/** What the plugin takes. */
export interface SessionPluginOptions extends GuardOptions<FastifyRequest>, AddressOptions {
  /** What `createSessions` gives. */
  sessions: AnySessions
  /**
   * Takes the origin from `request.protocol` and `request.host`, which believe proxies as
   * `Fastify({ trustProxy })` says. Default false.
   */
  trustProxy?: boolean
}

/**
 * `config.session` of a route: `false` leaves it alone; `'optional'` and `'required'` are
 * `required` for it; `'fresh'` asks the store as well.
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
 * `app.register(sessionPlugin, { sessions })`: `request.session` and `request.sessionClaims` for
 * every route of `app`, and of the scopes below; `null` where there is no session. A route says
 * `config: { session: 'optional' }` where it is for everybody, or `false` (a sign-in). In a scope
 * that registers the plugin too, the nearest one decides. What `protect` has to say (new cookies,
 * `Vary`) goes into whatever is answered, errors and 404s too.
 *
 * It looks in `onRequest`, before a body is read; with the option `csrfToken` in `preHandler`, when
 * `request.body` is there. To sign in or out in a route: `const answer = await
 * sessions.signIn(toRequest(request), { subject })`, then `sendHeaders(answer.headers, reply)`.
 *
 * @throws PortcullisError `ERR_CONFIG`; what `protect` throws goes to the error handler
 */
export const sessionPlugin: (
  instance: FastifyInstance,
  options: SessionPluginOptions,
) => Promise<void> = Object.assign(plugin, {
  // Hooks and decorations are for the instance that registers, not for a scope of the plugin's own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'portcullis',
  [Symbol.for('plugin-meta')]: { name: 'portcullis', fastify: '5.x' },
})

/**
 * The whole web `Request`, for `sessions.signIn` and the like. Its body, where Fastify has read it,
 * is in `request.body` alone.
 */
export function toRequest(request: Pick<FastifyRequest, 'raw'>, options?: AddressOptions): Request {
  return toWholeRequest(request.raw, options)
}

/**
 * Puts headers of an answer into a reply: every `Set-Cookie` beside those that are there, `Vary`
 * beside what it names.
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
  // A scope inherits from the one above it.
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

/** `null` where the route is left alone. */
function readRouteOptions(
  { routeOptions }: FastifyRequest,
): { required?: boolean; fresh?: boolean } | null {
  const wanted = (routeOptions.config as { session?: RouteSession } | undefined)?.session
  if (wanted === undefined) return {}
  if (wanted === false) return null
  if (Object.hasOwn(ROUTES, wanted)) return ROUTES[wanted]
  throw new PortcullisError(
    'ERR_CONFIG',
    "config.session of a route must be false, 'optional', 'required' or 'fresh'.",
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

/** In a scope of its own, whose bodies nobody parses: they are ours to read, and to refuse. */
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
      // `header` adds to cookies that are there.
      reply.removeHeader(name)
      reply.header(name, value)
    },
  }
}
