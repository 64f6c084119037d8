/**
 * What a 401 tells those whose tokens travel in `Authorization`: RFC 6750 section 3, which RFC 9110
 * section 15.5.2 demands.
 */
import type { Rejection } from '../web/types.js'

/** Nobody has given a token: then the challenge names no error. */
const MISSING_TOKEN_CODES = new Set<string>(['ERR_TOKEN_MISSING', 'ERR_REFRESH_MISSING'])

/** The answer itself, its headers changed: every refusal has its own. */
export function addBearerChallenge<Success extends { ok: true }>(
  result: Success | Rejection,
): Success | Rejection {
  if (!result.ok && result.status === 401) {
    result.headers.set(
      'www-authenticate',
      MISSING_TOKEN_CODES.has(result.code) ? 'Bearer' : 'Bearer error="invalid_token"',
    )
  }
  return result
}
