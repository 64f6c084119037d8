/**
 * What a 401 tells those whose tokens travel in `Authorization`: RFC 6750 section 3, which RFC 9110
 * section 15.5.2 demands.
 */
import type { Rejection } from './types.js'

/** Nobody has given a token: then the challenge names no error. */
const MISSING = new Set<string>(['ERR_TOKEN_MISSING', 'ERR_REFRESH_MISSING'])

/** The answer itself, its headers changed: every refusal has its own. */
export function challenged<Answer extends { ok: true }>(
  answer: Answer | Rejection,
): Answer | Rejection {
  if (!answer.ok && answer.status === 401) {
    answer.headers.set(
      'www-authenticate',
      MISSING.has(answer.code) ? 'Bearer' : 'Bearer error="invalid_token"',
    )
  }
  return answer
}
