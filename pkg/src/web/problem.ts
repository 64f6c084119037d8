/** Converts rejections to responses of type application/problem+json (RFC 9457). */
import { PortcullisError } from '../core/errors.js'
import type { Problem, ProtectRejection, Rejection } from './types.js'

/** The content of a problem response, and its headers. */
export interface ProblemInput {
  code: Problem['code']
  status: number
  message: string
  headers: Headers
}

/** The reason phrases of the statuses (RFC 9110 section 15, RFC 6585 section 4). */
const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

/**
 * The codes of temporary conflicts, which get a Retry-After header. A rejected prefetch is not
 * repeated.
 */
const RETRYABLE_CODES = new Set<string>(['ERR_SUPERSEDED', 'ERR_STEP_UP_UNFINISHED'])

/** Converts a rejection, and adds the headers that every rejection has. */
export function toProtectRejection(
  { code, status, message, headers, rotation, subject, risk }: Rejection,
): ProtectRejection {
  return withStandardHeaders(
    { code, status, message, headers },
    RETRYABLE_CODES.has(code) ? 1 : undefined,
    {
      error: null,
      rotation,
      subject,
      risk,
    },
  )
}

/**
 * Converts a temporary failure of the store or the core.
 *
 * @param headers the headers of a write that succeeded before the failure
 */
export function toUnavailableRejection(
  error: PortcullisError,
  headers = new Headers(),
): ProtectRejection {
  const { code, status, message, retryAfterSeconds = 1 } = error
  return withStandardHeaders({ code, status, message, headers }, retryAfterSeconds, {
    error,
    rotation: null,
    subject: null,
    risk: null,
  })
}

/**
 * Returns a temporary failure, which becomes a response. Any other error is misuse or a defect, and
 * is thrown on to the application.
 */
export function rethrowUnlessUnavailable(error: unknown): PortcullisError {
  if (error instanceof PortcullisError && error.status === 503) return error
  throw error
}

/** Creates the response of a problem (RFC 9457). */
export function createProblemResponse(
  { code, status, message, headers: source }: ProblemInput,
): Response {
  const headers = new Headers(source)
  headers.set('content-type', 'application/problem+json')
  headers.set('cache-control', 'no-store')
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    code,
    detail: message,
  }
  return new Response(JSON.stringify(body), { status, headers })
}

/**
 * Builds the rejection. `applicationFields` are for the application only and are never in the
 * response.
 */
function withStandardHeaders(
  reply: ProblemInput & Pick<ProtectRejection, 'code'>,
  retryAfterSeconds: number | undefined,
  applicationFields: Pick<ProtectRejection, 'error' | 'rotation' | 'subject' | 'risk'>,
): ProtectRejection {
  const headers = new Headers(reply.headers)
  headers.set('cache-control', 'no-store')
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(retryAfterSeconds))
  const all = { ...reply, headers }
  return {
    ok: false,
    ...all,
    ...applicationFields,
    get response() {
      return createProblemResponse(all)
    },
  }
}
