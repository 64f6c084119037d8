/** The public types of tokens, keys and sealed data. */
import type { RejectionCode } from '../core/errors.js'
import type { Claims, Entropy, Json, PublicJwk, RingKey, TokenKey } from '../core/types.js'

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface JsonWebKeySet {
  /** The keys of the set, in any order. */
  keys: PublicJwk[]
}

/** A set of public keys that is ready to be served: `new Response(body, { headers })`. */
export interface PublishedKeys {
  /** The key set as an object. */
  jwks: JsonWebKeySet
  /** The key set as JSON text. */
  body: string
  /** The seconds for which it may be cached: 300, or less where a key retires before. */
  maxAgeSeconds: number
  /** The headers `Content-Type` and `Cache-Control` for the response. */
  headers: Headers
}

/** The options of `createSigner`. */
export interface SignerOptions {
  /**
   * The key that signs, or a ring of keys, of which the first active one signs. The key needs an
   * `id`, which tokens carry as `kid`.
   */
  key: TokenKey | TokenKey[]
  /** The claim `iss` of the tokens. */
  issuer: string
  /** The claim `aud` of the tokens: one audience or several. */
  audience: string | string[]
  /** The lifetime of a token in seconds. Range 1 to 31536000 (a year). */
  ttlSeconds: number
  /**
   * The header parameter `typ`, which says what the token is for. Default `'JWT'`; an access token
   * has `'at+jwt'` (RFC 9068).
   */
  typ?: string
  /** The clock: gives milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
}

/** The options of `generateToken`. */
export interface GenerateTokenOptions extends SignerOptions {
  /** The current time in milliseconds since 1970. Default: that of the clock. */
  nowMs?: number
}

/** A signer of tokens, which keeps its keys ready. */
export interface TokenSigner {
  /**
   * Signs claims of your own, and adds iss, aud, iat and exp. The claims are a plain object of at
   * most 4 KiB as JSON.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`, `ERR_CONFIG` where no key may sign now,
   * `ERR_DISPOSED`, `ERR_TRAP`
   */
  sign(claims: { [name: string]: Json }, options?: { nowMs?: number | undefined }): string
  /** Wipes and forgets the keys. Every later call throws `ERR_DISPOSED`. */
  dispose(): void
}

/** The options of `jwksVerifier`, besides the key set. */
export interface JwksVerifierOptions {
  /** The required `iss`, which is compared exactly. */
  issuer: string
  /** The accepted `aud`, or several: a token must name one of them. */
  audience: string | string[]
  /**
   * The accepted header parameter `typ`, or several; `null` accepts a token without one. Default
   * `'JWT'`.
   */
  typ?: string | (string | null)[]
  /** Claims that must be present and not null, besides iss, aud and exp. Default: none. */
  requiredClaims?: string[]
  /** The tolerated clock difference in seconds. Default 30, range 0 to 120. */
  leewaySeconds?: number
  /**
   * The longest accepted time until `exp`, in seconds. Default 31536000 (a year), range 1 to
   * 315360000.
   */
  maxLifetimeSeconds?: number
  /**
   * The longest accepted time since `iat`, in seconds; the claim is then required. Default: no
   * limit, range 1 to 315360000.
   */
  maxTokenAgeSeconds?: number
  /** The clock: gives milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /**
   * How many verified tokens to cache, or `false` for none. Default 1000, range 0 to 100000. A
   * cached result is given only while a verification would give it: not before nbf, after exp, or
   * once the key has retired. Results are deep-frozen, because they are shared.
   */
  cache?: number | false
}

/** The options of `createVerifier`. */
export interface VerifierOptions extends JwksVerifierOptions {
  /**
   * The accepted keys, at most 64. A token names its key by `kid`. A token without a `kid` is
   * accepted only if exactly one key has its algorithm.
   */
  keys: TokenKey[]
}

/** The options of `verifyToken`. */
export interface VerifyTokenOptions extends Omit<VerifierOptions, 'cache'> {
  /** The current time in milliseconds since 1970. Default: that of the clock. */
  nowMs?: number
}

/** A verifier of tokens, which keeps its keys ready. */
export interface TokenVerifier {
  /**
   * Verifies a token strictly (RFC 7519, RFC 8725). An invalid token is a result with `ok: false`.
   *
   * @throws PortcullisError `ERR_ARGUMENT` if the token is not a string, `ERR_CLOCK`,
   * `ERR_DISPOSED`, `ERR_TRAP`
   */
  verify(token: string, options?: { nowMs?: number | undefined }): VerifiedToken
  /** Wipes and forgets the keys and the cache. Every later call throws `ERR_DISPOSED`. */
  dispose(): void
}

/** The options of `jwks`. */
export interface JwksOptions {
  /** The current time in milliseconds since 1970. Default: `Date.now()`. */
  nowMs?: number
}

/** The options of `generateKey`. */
export interface GenerateKeyOptions {
  /**
   * The key ID. Default: the thumbprint of the key (RFC 7638), or random for HS256.
   */
  id?: string
  /** The random source. Default: `crypto.getRandomValues` of the runtime. */
  entropy?: Entropy
}

/** A new key, as `generateKey` gives it. */
export interface GeneratedKey {
  /** The key ID, as in the `kid` of the JSON Web Keys. */
  id: string
  /** The algorithm of the key (RFC 7518 section 3.1, RFC 8037). */
  algorithm: 'HS256' | 'EdDSA' | 'ES256'
  /** The private key, or the secret of HS256. Keep it secret. */
  privateJwk: PublicJwk
  /** The public key, or `null` for HS256. */
  publicJwk: PublicJwk | null
}

/** The options of `open`. */
export interface OpenOptions {
  /** The key ring. Every key of it can unseal. */
  keys: RingKey[]
  /**
   * The context that the sealed bytes are bound to, at most 4 KiB. Unsealing fails unless it equals
   * that of sealing. Default: empty.
   */
  associatedData?: Uint8Array | string
}

/** The options of `seal`. */
export interface SealOptions extends OpenOptions {
  /** The random source of the nonce. Default: `crypto.getRandomValues` of the runtime. */
  entropy?: Entropy
  /** The time in milliseconds since 1970, which selects the active key. Default: `Date.now()`. */
  nowMs?: number
}

/** The result of a verification: the claims, or why the token was rejected. */
export type VerifiedToken = { ok: true; claims: Claims } | {
  ok: false
  code: RejectionCode
  message: string
}
