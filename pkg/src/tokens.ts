import type * as glue from '../wasm/portcullis.js'
import { call, Kept } from './core.js'
import * as desk from './desk.js'
import { PortcullisError } from './errors.js'
import { Host } from './host.js'
import { jsonText, refuseUnknown, wellFormed } from './inputs.js'
import { copyTokenKey, copyTokenKeys, type TokenKeyCopy, wipe } from './keys.js'
import type {
  GenerateTokenOptions,
  Json,
  JsonWebKeySet,
  JwksOptions,
  JwksVerifierOptions,
  PublicJwk,
  PublishedKeys,
  RotationDecision,
  RotationFacts,
  SignerOptions,
  TokenKey,
  TokenSigner,
  TokenVerifier,
  VerifiedToken,
  VerifyTokenOptions,
} from './types.js'
import { audiences, createVerifier } from './verifier.js'

/**
 * Signs your own claims (a plain object, at most 4 KiB as JSON) beside iss, aud, iat and exp.
 *
 * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function generateToken(
  claims: { [name: string]: Json },
  { nowMs, ...options }: GenerateTokenOptions,
): string {
  const signer = createSigner(options)
  try {
    return signer.sign(claims, { nowMs })
  } finally {
    signer.dispose()
  }
}

/**
 * Verifies a token strictly (RFC 7519, 8725), of your own or of another issuer: HS256, EdDSA or
 * ES256, and the algorithm is its key's; canonical base64url; unique names; signature, exp, iss,
 * aud and typ. Reads its keys anew at every call: `createVerifier` keeps them.
 *
 * @throws PortcullisError for wrong options only; a token that is not good is an answer.
 */
export function verifyToken(
  token: string,
  { nowMs, ...options }: VerifyTokenOptions,
): VerifiedToken {
  const verifier = createVerifier({ ...options, cache: false })
  try {
    return verifier.verify(token, { nowMs })
  } finally {
    verifier.dispose()
  }
}

/**
 * A signer with its keys kept ready: the fast way to sign many tokens.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_ARGUMENT`
 */
export function createSigner(options: SignerOptions): TokenSigner {
  return new Signer(options)
}

class Signer implements TokenSigner {
  readonly #keys: TokenKeyCopy[]
  readonly #core: Kept<glue.TokenSigner>
  readonly #host: Host

  constructor(options: SignerOptions) {
    refuseUnknown(options, OPTIONS, 'createSigner')
    const { key, issuer, audience, typ = 'JWT', ttlSeconds, clock } = options
    this.#host = new Host(clock, undefined)
    const names = {
      issuer: wellFormed(issuer, 'issuer'),
      audiences: audiences(audience),
      typ: wellFormed(typ, 'typ'),
      ttlSeconds,
    }
    this.#keys = Array.isArray(key) ? copyTokenKeys(key) : [copyTokenKey(key)]
    this.#core = new Kept(
      { keys: this.#keys, ...names },
      (core, stated) => new core.TokenSigner(stated),
    )
  }

  sign(
    claims: { [name: string]: Json },
    { nowMs = this.#host.now() }: { nowMs?: number } = {},
  ): string {
    const text = jsonText(claims, 'claims') ?? ''
    return this.#core.call((core) => {
      const length = desk.write(text)
      if (length < 0) {
        throw new PortcullisError(
          'ERR_ARGUMENT',
          'The claims take far more than the 4096 bytes that they may.',
        )
      }
      return desk.read(core.sign(length, nowMs))
    })
  }

  dispose(): void {
    this.#core.dispose()
    wipe(this.#keys.map((key) => key.material))
  }
}

const OPTIONS: Record<keyof SignerOptions, true> = {
  key: true,
  issuer: true,
  audience: true,
  typ: true,
  ttlSeconds: true,
  clock: true,
}

/**
 * The public keys of a ring as a JSON Web Key Set (RFC 7517), upcoming ones too, with the headers
 * to serve it with. Keys that are no pairs (`secret`, `hmac`) are nobody else's business and not in
 * it.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function jwks(keys: TokenKey[], { nowMs = Date.now() }: JwksOptions = {}): PublishedKeys {
  const copies = copyTokenKeys(keys)
  try {
    return published(call((core) => core.publishedSet({ keys: copies }, nowMs)))
  } finally {
    wipe(copies.map((key) => key.material))
  }
}

export function published(
  { set, maxAgeSeconds }: { set: string; maxAgeSeconds: number },
): PublishedKeys {
  const headers = new Headers({
    'content-type': 'application/jwk-set+json',
    'cache-control': `public, max-age=${maxAgeSeconds}`,
  })
  return { jwks: JSON.parse(set) as JsonWebKeySet, body: set, maxAgeSeconds, headers }
}

/**
 * Verifies another issuer's tokens with the set of keys it publishes. Fetching it is yours to do,
 * and so is fetching it anew: for a new set create a new verifier.
 *
 * Keys of a kind that is not known here (RSA, other curves, encryption) are passed over, as RFC
 * 7517 section 5 says.
 *
 * @throws PortcullisError `ERR_CONFIG` where the set is none, holds a secret or private key, or no
 * key that can be used
 */
export function jwksVerifier(set: JsonWebKeySet, options: JwksVerifierOptions): TokenVerifier {
  if (!Array.isArray(set?.keys)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'A JSON Web Key Set is { keys: [...] }: did the fetch give an error page?',
    )
  }
  if (set.keys.some((jwk) => jwk?.kty === 'oct')) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The set holds a secret (kty oct), which no published set may: tell its issuer.',
    )
  }
  const keys = set.keys.filter(isForUs).map((jwk) => ({ jwk }))
  if (keys.length === 0) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The set holds no key that can be used here: OKP with Ed25519, or EC with P-256, for signatures.',
    )
  }
  return createVerifier({ ...options, keys })
}

const KINDS = [
  { kty: 'OKP', crv: 'Ed25519', algs: [undefined, 'EdDSA', 'Ed25519'] },
  { kty: 'EC', crv: 'P-256', algs: [undefined, 'ES256'] },
]

function isForUs(jwk: PublicJwk): boolean {
  const kind = KINDS.find(({ kty, crv }) => jwk?.kty === kty && jwk['crv'] === crv)
  const operations = jwk?.['key_ops']
  return kind !== undefined && kind.algs.includes(jwk['alg'] as string | undefined)
    && [undefined, 'sig'].includes(jwk['use'] as string | undefined)
    && (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
}

/**
 * The decision table of refresh rotation, on facts: to replay your own logs through it, or to test
 * what you build on it.
 */
export function decideRotation(facts: RotationFacts): RotationDecision {
  // A copy as plain data: a getter of the caller's must not run, and throw, in the middle of the
  // core.
  const plain = JSON.parse(jsonText(facts as unknown as Json, 'facts') ?? 'null') as RotationFacts
  const row = numbersOf(plain)
  return call((core) => core.decideRotation(row)) as RotationDecision
}

/** In the order of src/wasm/rotation.rs; what is absent is NaN. */
function numbersOf(
  { nowMs, presented, session = null, removal, policy = {} }: RotationFacts,
): Float64Array {
  const absent = Number.NaN
  const number = (
    value: number | boolean | null | undefined,
  ): number => (typeof value === 'number' || typeof value === 'boolean' ? Number(value) : absent)
  const stepUp = session?.stepUp ?? null
  const row = [
    ...[nowMs, presented?.generation, presented?.absoluteDeadlineMs],
    removal == null ? absent : 1 + ['revoked', 'evicted', 'reused'].indexOf(removal),
    ...[
      policy.throttleSeconds,
      policy.raceSeconds,
      policy.flightSeconds,
      policy.retrySeconds,
      policy.confirmationFed,
    ],
    session !== null,
    ...(session === null
      ? []
      : [
        session.generation,
        session.sameSecret,
        session.successorIsCurrent,
        session.sameSender,
        session.rotatedAtMs,
        session.idleDeadlineMs,
        session.absoluteDeadlineMs,
        session.confirmedAtMs,
        session.closedAtMs,
        stepUp !== null,
      ]),
    ...(stepUp === null
      ? []
      : [stepUp.generation, stepUp.atMs, stepUp.sameSender, stepUp.closedAtMs]),
  ]
  return Float64Array.from(row, number)
}
