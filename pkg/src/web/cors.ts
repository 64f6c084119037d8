/**
 * Adds the headers of the CORS protocol (Fetch standard). Cross-origin pages can read responses
 * only if their exact origins are configured.
 */
import { PortcullisError } from '../core/errors.js'
import { addVary } from './merge-headers.js'
import { createProblemResponse } from './problem.js'
import type { HandleOptions } from './types.js'

/** The headers that scripts of an allowed origin may send. */
const REQUEST_HEADERS = 'content-type, x-csrf-token, authorization'
/** The response headers that scripts of an allowed origin may read. */
const EXPOSED_HEADERS = 'retry-after, www-authenticate'
const PREFLIGHT_SECONDS = 600

/** The CORS decision for a request. */
export interface CorsDecision {
  /** Whether the request's origin is one of the configured origins. */
  isAllowed: boolean
  /** The request's `Origin` header, empty if it is missing. */
  origin: string
}

/** Decides whether the origin of the request may read the response, `null` without CORS options. */
export function resolveCors(options: HandleOptions['cors'], request: Request): CorsDecision | null {
  if (options === undefined) return null
  const { origins } = options
  if (!Array.isArray(origins) || !origins.every(isOrigin)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      "Invalid cors.origins: pass a list of exact origins such as 'https://admin.example', without a path and never '*'.",
    )
  }
  const origin = request.headers.get('origin') ?? ''
  return { isAllowed: origins.includes(origin), origin }
}

/**
 * Adds the CORS headers to a response. `Vary` tells caches that the response depends on the origin.
 */
export function addCorsHeaders(cors: CorsDecision | null, response: Response): Response {
  if (cors === null) return response
  addVary(response.headers, 'Origin')
  if (cors.isAllowed) {
    response.headers.set('access-control-allow-origin', cors.origin)
    response.headers.set('access-control-allow-credentials', 'true')
    response.headers.set('access-control-expose-headers', EXPOSED_HEADERS)
  }
  return response
}

/** Whether the request is a CORS preflight. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin')
    && headers.has('access-control-request-method')
}

/** Creates the response to a preflight, a 403 for an origin that is not allowed. */
export function createPreflightResponse(cors: CorsDecision, allow: string): Response {
  if (!cors.isAllowed) {
    return createProblemResponse({
      code: 'ERR_CROSS_ORIGIN',
      status: 403,
      message:
        'Pages of this origin may not read responses of these routes: add it to cors.origins.',
      headers: new Headers(),
    })
  }
  const headers = new Headers({
    'access-control-allow-methods': allow,
    'access-control-allow-headers': REQUEST_HEADERS,
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  })
  return new Response(null, { status: 204, headers })
}

function isOrigin(origin: unknown): boolean {
  if (typeof origin !== 'string' || !/^https?:\/\//.test(origin)) return false
  return URL.canParse(origin) && new URL(origin).origin === origin
}
