/**
 * A ready handler for the routes that every site with sessions needs.
 *
 * | path | method | other method | otherwise |
 * |---|---|---|---|
 * | not below the base path | any | | `null`: the application goes on |
 * | below it, a route | its own | 405 with `Allow` | rate limit, then the route |
 * | below it, no route | any | | 404 |
 *
 * What passes by itself is a 503. Misuse and corrupt records are thrown on, as everywhere: the host
 * has a log and a page for its errors, and a response of ours would keep them from both.
 */
import { PortcullisError } from '../errors.js'
import { refuseUnknown } from '../inputs.js'
import { corsOf, isPreflight, marked, preflight } from './cors.js'
import { passing, problem, unavailable } from './problem.js'
import type { Stage } from './protect.js'
import { type Handler, ROUTES } from './routes.js'
import type { HandleOptions, ProblemCode, Route } from './types.js'

const OPTIONS: Record<keyof HandleOptions, true> = {
  basePath: true,
  cors: true,
  rateLimit: true,
  context: true,
}

export async function handle(
  stage: Stage,
  request: Request,
  options: HandleOptions = {},
): Promise<Response | null> {
  refuseUnknown(options, OPTIONS, 'handle')
  const name = below(basePath(options.basePath), request)
  if (name === null) return null
  const cors = corsOf(options.cors, request)
  const route = Object.hasOwn(ROUTES, name) ? (name as Route) : null
  if (route === null) {
    return marked(
      cors,
      refusal(
        'ERR_NOT_FOUND',
        404,
        `There is no such route: there are ${Object.keys(ROUTES).join(', ')}.`,
      ),
    )
  }
  const handler = ROUTES[route]
  if (cors !== null && isPreflight(request)) return marked(cors, preflight(cors, handler.methods))
  return marked(cors, withoutBody(request, await answered(stage, request, route, handler, options)))
}

async function answered(
  stage: Stage,
  request: Request,
  route: Route,
  { methods, run }: Handler,
  options: HandleOptions,
): Promise<Response> {
  if (!methods.split(', ').includes(request.method)) {
    return refusal('ERR_METHOD', 405, `This route takes ${methods} and no other method.`, {
      allow: methods,
    })
  }
  const { rateLimit } = options
  const limited = rateLimit === undefined ? null : tooMany(await rateLimit(request, route))
  if (limited !== null) return limited
  try {
    return await run(stage, request, options)
  } catch (error) {
    return unavailable(passing(error)).response
  }
}

/** A hook that forgets to answer must not let everybody through, nor keep everybody out. */
function tooMany(said: unknown): Response | null {
  if (said === true) return null
  const isSeconds = typeof said === 'number' && said >= 0 && said < Infinity
  if (said !== false && !isSeconds) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'rateLimit must give true, false, or a number of seconds.',
    )
  }
  const headers = isSeconds ? { 'retry-after': String(Math.max(1, Math.ceil(said))) } : {}
  return refusal('ERR_RATE_LIMIT', 429, 'Too many requests: try again later.', headers)
}

function refusal(
  code: ProblemCode,
  status: number,
  message: string,
  headers: { [name: string]: string } = {},
): Response {
  return problem({ code, status, message, headers: new Headers(headers) })
}

/** RFC 9110 section 9.3.2. */
function withoutBody({ method }: Request, response: Response): Response {
  return method === 'HEAD' ? new Response(null, response) : response
}

/**
 * What follows the base path, as it is spelled: nothing is decoded. `null` where the path is not
 * below it.
 */
function below(base: string, { url }: Request): string | null {
  const { pathname } = new URL(url)
  if (pathname === base) return ''
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length + 1) : null
}

function basePath(wanted = '/session'): string {
  if (typeof wanted !== 'string' || !/^(\/[\w.~-]+)+$/.test(wanted)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      "basePath must be a path such as '/session': it begins with / and does not end with one.",
    )
  }
  return wanted
}
