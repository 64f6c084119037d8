/** Three functions of the core, alone and pure: no store, no cookies, no state. */
import { claims as parseClaims } from './answers.js'
import { call } from './core.js'
import { PortcullisError } from './errors.js'
import { copyKey, jsonText, wellFormed } from './inputs.js'
import type { GenerateTokenOptions, Json, RejectionCode, RingKey, RotationDecision, RotationFacts, VerifiedToken, VerifyTokenOptions } from './types.js'

/**
 * Signs your own claims (a plain object, at most 4 KiB as JSON) beside iss, aud, iat and exp.
 *
 * @throws PortcullisError `ERR_ARGUMENT`, `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function generateToken(claims: { [name: string]: Json }, options: GenerateTokenOptions): string {
  const { key, issuer, audience, typ = 'JWT', ttlSeconds, nowMs = Date.now() } = options
  const text = jsonText(claims, 'claims') ?? ''
  const names = { issuer: wellFormed(issuer, 'issuer'), audience: wellFormed(audience, 'audience'), typ: wellFormed(typ, 'typ') }
  return withKeys([copyKey(key)], ([signing]) => call((core) => core.generateToken(text, { key: signing, ...names, ttlSeconds, nowMs })))
}

/**
 * Verifies a token strictly (RFC 7519, 8725), of your own or of another issuer: HS256, EdDSA or ES256, and the algorithm
 * is its key's; canonical base64url; unique names; signature, exp, iss, aud and typ.
 *
 * @throws PortcullisError for wrong options only; a token that is not good is an answer.
 */
export function verifyToken(token: string, options: VerifyTokenOptions): VerifiedToken {
  const { keys, issuer, audience, typ = 'JWT', leewaySeconds, maxLifetimeSeconds, nowMs = Date.now() } = options
  if (!Array.isArray(keys) || keys.length > KEYS_MAX) throw new PortcullisError('ERR_CONFIG', `keys must be an array of at most ${KEYS_MAX} keys.`)
  const published = keys.filter((key) => 'jwk' in key).map((key) => jsonText(key.jwk as Json, 'a JSON Web Key'))
  const types = Array.isArray(typ) ? typ.map((one) => (one === null ? null : wellFormed(one, 'typ'))) : [wellFormed(typ, 'typ')]
  // Above the cap it is not even copied into the core, which would say the same.
  const text = wellFormed(typeof token === 'string' ? token.slice(0, TOKEN_MAX_BYTES + 1) : token, 'token')
  const stated = { published, issuer: wellFormed(issuer, 'issuer'), audience: wellFormed(audience, 'audience'), types, leewaySeconds, maxLifetimeSeconds, nowMs }
  const ours = keys.filter((key): key is RingKey => !('jwk' in key)).map(copyKey)
  const answer: string | { code: RejectionCode; message: string } = withKeys(ours, (ring) => call((core) => core.verifyToken(text, { ring, ...stated })))
  return typeof answer === 'string' ? { ok: true, claims: parseClaims(answer) } : { ok: false, ...answer }
}

const TOKEN_MAX_BYTES = 8192
const KEYS_MAX = 64

/** The decision table of refresh rotation, on facts: to replay your own logs through it, or to test what you build on it. */
export function decideRotation(facts: RotationFacts): RotationDecision {
  // A copy as plain data: a getter of the caller's must not run, and throw, in the middle of the core.
  const plain = JSON.parse(jsonText(facts as unknown as Json, 'facts') ?? 'null') as RotationFacts
  return call((core) => core.decideRotation(plain)) as RotationDecision
}

/** Our copies of the secrets do not outlive the call. */
function withKeys<T>(keys: ReturnType<typeof copyKey>[], run: (keys: ReturnType<typeof copyKey>[]) => T): T {
  try {
    return run(keys)
  } finally {
    for (const { secret } of keys) secret.bytes.fill(0)
  }
}
