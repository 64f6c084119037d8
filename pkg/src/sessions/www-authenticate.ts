/** The challenge of a 401 in bearer transport (RFC 6750 section 3, RFC 9110 section 15.5.2). */
import type { Rejection } from '../web/types.js'

/**
 * The codes of a request without a token. Their challenge names no error (RFC 6750 section 3.1).
 */
const MISSING_TOKEN_CODES = new Set<string>(['ERR_TOKEN_MISSING', 'ERR_REFRESH_MISSING'])

/**
 * Adds the challenge to the headers of a rejection with status 401. The rejection itself is
 * changed, because no other call shares its headers.
 */
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
