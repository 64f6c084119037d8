/**
 * Handles the routes that every site with sessions needs.
 *
 * | path | method | with another method | result |
 * |---|---|---|---|
 * | not below the base path | any | | `null`: the application continues |
 * | below it, a route | its own | 405 with `Allow` | rate limit, then the route |
 * | below it, no route | any | | 404 |
 *
 * Temporary failures are a 503 response. Misuse and corrupt records are thrown, as everywhere: the
 * application logs them and sends its own error page.
 */
import { rejectUnknownOptions } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { addCorsHeaders, createPreflightResponse, isPreflight, resolveCors } from './cors.js'
import {
  createProblemResponse,
  rethrowUnlessUnavailable,
  toUnavailableRejection,
} from './problem.js'
import type { SessionInternals } from './protect.js'
import { type Handler, ROUTES } from './routes.js'
import type { HandleOptions, ProblemCode, Route } from './types.js'

const OPTIONS: Record<keyof HandleOptions, true> = {
  basePath: true,
  cors: true,
  rateLimit: true,
  context: true,
}

/** Implements `sessions.handle` by the table above. */
export async function handle(
  internals: SessionInternals,
  request: Request,
  options: HandleOptions = {},
): Promise<Response | null> {
  rejectUnknownOptions(options, OPTIONS, 'handle')
  const name = routeName(checkBasePath(options.basePath), request)
  if (name === null) return null
  const cors = resolveCors(options.cors, request)
  const route = Object.hasOwn(ROUTES, name) ? (name as Route) : null
  if (route === null) {
    return addCorsHeaders(
      cors,
      createRejection(
        'ERR_NOT_FOUND',
        404,
        `Unknown route: expected one of ${Object.keys(ROUTES).join(', ')}.`,
      ),
    )
  }
  const handler = ROUTES[route]
  if (cors !== null && isPreflight(request)) {
    return addCorsHeaders(cors, createPreflightResponse(cors, handler.methods))
  }
  return addCorsHeaders(
    cors,
    withoutBody(request, await runRoute(internals, request, route, handler, options)),
  )
}

async function runRoute(
  internals: SessionInternals,
  request: Request,
  route: Route,
  { methods, run }: Handler,
  options: HandleOptions,
): Promise<Response> {
  if (!methods.split(', ').includes(request.method)) {
    return createRejection('ERR_METHOD', 405, `Method not allowed: use ${methods}.`, {
      allow: methods,
    })
  }
  const { rateLimit } = options
  const limited = rateLimit === undefined
    ? null
    : rateLimitRejection(await rateLimit(request, route))
  if (limited !== null) return limited
  try {
    return await run(internals, request, options)
  } catch (error) {
    return toUnavailableRejection(rethrowUnlessUnavailable(error)).response
  }
}

/**
 * Checks the result of the rate limit hook. A missing result is an error: it must neither admit nor
 * reject all requests.
 */
function rateLimitRejection(limit: unknown): Response | null {
  if (limit === true) return null
  const isSeconds = typeof limit === 'number' && limit >= 0 && limit < Infinity
  if (limit !== false && !isSeconds) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Invalid result of rateLimit: return true, false, or a number of seconds.',
    )
  }
  const headers = isSeconds ? { 'retry-after': String(Math.max(1, Math.ceil(limit))) } : {}
  return createRejection('ERR_RATE_LIMIT', 429, 'Too many requests: try again later.', headers)
}

function createRejection(
  code: ProblemCode,
  status: number,
  message: string,
  headers: { [name: string]: string } = {},
): Response {
  return createProblemResponse({ code, status, message, headers: new Headers(headers) })
}

/** Removes the body of a response to HEAD (RFC 9110 section 9.3.2). */
function withoutBody({ method }: Request, response: Response): Response {
  return method === 'HEAD' ? new Response(null, response) : response
}

/**
 * Returns the part of the path after the base path, without decoding it. `null` if the path is not
 * below the base path.
 */
function routeName(base: string, { url }: Request): string | null {
  const { pathname } = new URL(url)
  if (pathname === base) return ''
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : null
}

function checkBasePath(wanted = '/session'): string {
  if (typeof wanted !== 'string' || !/^(\/[\w.~-]+)+$/.test(wanted)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      "Invalid basePath: pass a path such as '/session', without a slash at its end.",
    )
  }
  return wanted
}
