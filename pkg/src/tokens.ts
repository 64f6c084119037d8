/** Three functions of the core, alone and pure: no store, no cookies, no state. */
import { claims as parseClaims } from './answers.js'
import { call } from './core.js'
import { copyKey, jsonText, wellFormed } from './inputs.js'
import type { GenerateTokenOptions, Json, RejectionCode, RotationDecision, RotationFacts, VerifiedToken, VerifyTokenOptions } from './types.js'

/**
 * Signs your own claims (a plain object, at most 4 KiB as JSON) beside iss, aud, iat and exp.
 *
 * @throws PortcullisError `ERR_ARGUMENT`, `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function generateToken(claims: { [name: string]: Json }, options: GenerateTokenOptions): string {
  const { key, issuer, audience, typ = 'JWT', ttlSeconds, nowMs = Date.now() } = options
  const text = jsonText(claims, 'claims') ?? ''
  const names = { issuer: wellFormed(issuer, 'issuer'), audience: wellFormed(audience, 'audience'), typ: wellFormed(typ, 'typ') }
  return withKeys([copyKey(key)], (keys) => call((core) => core.generateToken(text, { keys, ...names, ttlSeconds, nowMs })))
}

/**
 * Verifies a token strictly: its algorithm is its key's, its signature, exp, iss, aud and typ are right.
 *
 * @throws PortcullisError for wrong options only; a token that is not good is an answer.
 */
export function verifyToken(token: string, options: VerifyTokenOptions): VerifiedToken {
  const { keys: ring, issuer, audience, typ = 'JWT', leewaySeconds, nowMs = Date.now() } = options
  // Above the cap it is not even copied into the core, which would say the same.
  const text = wellFormed(typeof token === 'string' ? token.slice(0, 8193) : token, 'token')
  const names = { issuer: wellFormed(issuer, 'issuer'), audience: wellFormed(audience, 'audience'), typ: wellFormed(typ, 'typ') }
  const answer: string | { code: RejectionCode; message: string } = withKeys(ring.map(copyKey), (keys) =>
    call((core) => core.verifyToken(text, { keys, ...names, leewaySeconds, nowMs })),
  )
  return typeof answer === 'string' ? { ok: true, claims: parseClaims(answer) } : { ok: false, ...answer }
}

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
