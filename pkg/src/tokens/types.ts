/** The public types of tokens, keys and sealed data. */
import type { RejectionCode } from '../core/errors.js'
import type { Claims, Entropy, Json, PublicJwk, RingKey, TokenKey } from '../core/types.js'

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface JsonWebKeySet {
  keys: PublicJwk[]
}

/** A set of public keys, ready to be served: `new Response(body, { headers })`. */
export interface PublishedKeys {
  jwks: JsonWebKeySet
  /** The same as JSON text. */
  body: string
  /** For how long it may be kept: 300, or less where a key retires before. */
  maxAgeSeconds: number
  /** `Content-Type` and `Cache-Control`. */
  headers: Headers
}

/** What `createSigner` takes. */
export interface SignerOptions {
  /**
   * The key that signs, or a ring of them: then the first active one signs. Needs an `id`, which
   * tokens carry as `kid`.
   */
  key: TokenKey | TokenKey[]
  issuer: string
  /** One audience, or several. */
  audience: string | string[]
  /** Lifetime in seconds, 1 to 31536000. */
  ttlSeconds: number
  /** The header's `typ`: what the token is for. Default `'JWT'`. `at+jwt` is an access token. */
  typ?: string
  /** The current time in milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
}

/** What `generateToken` takes. */
export interface GenerateTokenOptions extends SignerOptions {
  /** Milliseconds since 1970. Default: the clock. */
  nowMs?: number
}

/** Signs tokens. */
export interface TokenSigner {
  /**
   * Signs your own claims (a plain object, at most 4 KiB as JSON) beside iss, aud, iat and exp.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`, `ERR_CONFIG` where no key may sign now,
   * `ERR_DISPOSED`, `ERR_TRAP`
   */
  sign(claims: { [name: string]: Json }, options?: { nowMs?: number | undefined }): string
  /** Wipes and forgets the keys. Every later call throws `ERR_DISPOSED`. */
  dispose(): void
}

/** What `jwksVerifier` takes besides the set. */
export interface JwksVerifierOptions {
  /** The `iss`, compared exactly. */
  issuer: string
  /** The `aud`, or several of which one must be meant. */
  audience: string | string[]
  /**
   * The header's `typ` that is accepted, or several; `null` stands for its absence. Default
   * `'JWT'`.
   */
  typ?: string | (string | null)[]
  /** Claims that must be there and not be null, besides iss, aud and exp. Default none. */
  requiredClaims?: string[]
  /** How far another machine's clock may be off. Default 30, range 0 to 120. */
  leewaySeconds?: number
  /** How far ahead `exp` may lie. Default 31536000 (a year), range 1 to 315360000. */
  maxLifetimeSeconds?: number
  /**
   * How long ago `iat` may lie; the claim must be there then. Default: any time, range 1 to
   * 315360000.
   */
  maxTokenAgeSeconds?: number
  /** The current time in milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /**
   * How many verified tokens to remember, so that the next request with the same one is nearly
   * free; `false` for none. Default 1000, range 0 to 100000. A remembered answer is given only
   * while a verification would give it: not before nbf, not after exp or a key's retirement.
   * Answers are deep-frozen, since they are shared.
   */
  cache?: number | false
}

/** What `createVerifier` takes. */
export interface VerifierOptions extends JwksVerifierOptions {
  /**
   * The keys that are believed, at most 64. A token names its key by `kid`; one without a `kid` is
   * believed only where exactly one key fits its algorithm.
   */
  keys: TokenKey[]
}

/** What `verifyToken` takes. */
export interface VerifyTokenOptions extends Omit<VerifierOptions, 'cache'> {
  /** Milliseconds since 1970. Default: the clock. */
  nowMs?: number
}

/** Verifies tokens. */
export interface TokenVerifier {
  /**
   * Verifies a token strictly (RFC 7519, 8725).
   *
   * @throws PortcullisError `ERR_ARGUMENT` for what is no string, `ERR_CLOCK`, `ERR_DISPOSED`,
   * `ERR_TRAP`; a token that is not good is an answer.
   */
  verify(token: string, options?: { nowMs?: number | undefined }): VerifiedToken
  /**
   * Wipes and forgets the keys, and what was remembered. Every later call throws `ERR_DISPOSED`.
   */
  dispose(): void
}

/** What `jwks` takes. */
export interface JwksOptions {
  /** Milliseconds since 1970. Default: `Date.now()`. */
  nowMs?: number
}

/** What `generateKey` takes. */
export interface GenerateKeyOptions {
  /**
   * The key's name. Default: its thumbprint (RFC 7638); for HS256, which has none to show, random.
   */
  id?: string
  entropy?: Entropy
}

/** What `generateKey` gives. */
export interface GeneratedKey {
  id: string
  algorithm: 'HS256' | 'EdDSA' | 'ES256'
  /** The key. Keep it secret. */
  privateJwk: PublicJwk
  /** Its public half; `null` for HS256. */
  publicJwk: PublicJwk | null
}

/** What `open` takes. */
export interface OpenOptions {
  /** The ring: every key opens. */
  keys: RingKey[]
  /**
   * What the bytes belong to: it must be the same at both ends. At most 4 KiB. Default: nothing.
   */
  associatedData?: Uint8Array | string
}

/** What `seal` takes. */
export interface SealOptions extends OpenOptions {
  entropy?: Entropy
  /** Milliseconds since 1970, for the schedule of the keys. Default: `Date.now()`. */
  nowMs?: number
}

export type VerifiedToken = { ok: true; claims: Claims } | {
  ok: false
  code: RejectionCode
  message: string
}
