/** Refusals as responses: application/problem+json (RFC 9457). */
import { PortcullisError } from '../core/errors.js'
import type { Problem, Refused, Rejection } from './types.js'

/** What a problem says, and the headers that it carries. */
export interface ProblemInput {
  code: Problem['code']
  status: number
  message: string
  headers: Headers
}

/** RFC 9110 section 15, RFC 6585 section 4. */
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

/** The conflicts that pass by themselves. A prefetch that is refused is not sent again. */
const RETRYABLE_CODES = new Set<string>(['ERR_SUPERSEDED', 'ERR_STEP_UP_UNFINISHED'])

/** What was refused, with the headers that every refusal has. */
export function toProtectRejection(
  { code, status, message, headers, subject, risk }: Rejection,
): Refused {
  return withStandardHeaders(
    { code, status, message, headers },
    RETRYABLE_CODES.has(code) ? 1 : undefined,
    {
      error: null,
      subject,
      risk,
    },
  )
}

/** A store or a core that does not answer now. `headers` are those of what had already landed. */
export function toUnavailableRejection(error: PortcullisError, headers = new Headers()): Refused {
  const { code, status, message, retryAfterSeconds = 1 } = error
  return withStandardHeaders({ code, status, message, headers }, retryAfterSeconds, {
    error,
    subject: null,
    risk: null,
  })
}

/**
 * What passes by itself is an answer. The rest is misuse or a defect, and belongs in the host's
 * log, not in a response that nobody looks at: it is thrown on.
 */
export function rethrowUnlessUnavailable(error: unknown): PortcullisError {
  if (error instanceof PortcullisError && error.status === 503) return error
  throw error
}

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

/** `kept` is for the application alone: no response says it. */
function withStandardHeaders(
  reply: ProblemInput & Pick<Refused, 'code'>,
  retryAfterSeconds: number | undefined,
  applicationFields: Pick<Refused, 'error' | 'subject' | 'risk'>,
): Refused {
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
