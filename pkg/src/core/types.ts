/** The public types that every layer shares: keys, requests, JSON, claims and sessions. */

/**
 * A secret of at least 32 bytes: raw bytes, or text in base64url (or base64), as `generateSecret()`
 * makes it.
 */
export type SecretInput = Uint8Array | string

/** A function that gives exactly `length` bytes of a cryptographically secure random source. */
export type Entropy = (length: number) => Uint8Array

/**
 * The key schedule: when a key is upcoming, active, retiring and retired, in milliseconds since
 * 1970. The first active key of a ring signs. Tokens of upcoming and retiring keys verify; tokens
 * of a retired key do not.
 */
export interface KeySchedule {
  /** The time from which the key is active; before, it is upcoming. Default: always active. */
  activeAtMs?: number | undefined
  /** The time from which the key no longer signs. Default: `retiredAtMs`. */
  retiringAtMs?: number | undefined
  /** The time from which the key no longer verifies. Default: never. */
  retiredAtMs?: number | undefined
}

/** A JSON Web Key (RFC 7517), public or private. */
export interface PublicJwk {
  /** The key type (RFC 7517 section 4.1), such as `'OKP'` or `'EC'`. */
  readonly kty?: string
  readonly [member: string]: unknown
}

/**
 * An asymmetric key, Ed25519 (EdDSA) or P-256 (ES256): a JSON Web Key; PEM, with the label `PUBLIC
 * KEY` (SubjectPublicKeyInfo) or `PRIVATE KEY` (PKCS#8); or the DER in such a PEM. To verify, give
 * the public key; to sign, give the private key. `ERR_CONFIG` for the other one of the two, a point
 * that is not on the curve, a `use`, `key_ops` or `alg` for another purpose, and a private key
 * whose public half does not match.
 */
export type AsymmetricKey = { jwk: PublicJwk } | { pem: string } | { der: Uint8Array }

/** One key of the key ring, with its schedule. */
export interface RingKey extends KeySchedule {
  /**
   * The key ID, which tokens carry as `kid`: 1 to 128 printable ASCII characters. Never reuse it
   * for another secret.
   */
  id: string
  /**
   * The secret, at least 32 bytes. HKDF derives a separate key from it for each purpose, such as
   * signing and sealing.
   */
  secret: SecretInput
  /**
   * In `createSessions`: a private key that signs access tokens instead of the secret, so that
   * others can verify them with what `sessions.jwks()` publishes. `generateKey('EdDSA')` makes one.
   * Default: none.
   */
  signingKey?: AsymmetricKey
}

/**
 * A secret shared with another program. It is the HMAC key itself (HS256); no key is derived from
 * it. A JSON Web Key with `kty: 'oct'` is the same.
 */
export interface HmacKey extends KeySchedule {
  /** The key ID, which tokens carry as `kid`. Default: none. */
  id?: string
  /** The HMAC key, at least 32 bytes. */
  hmac: SecretInput
}

/**
 * A key for tokens. Its type alone decides the algorithm; what a token says of it is only compared.
 * The `kid` of a JSON Web Key is the default of `id`.
 */
export type TokenKey = RingKey | HmacKey | (AsymmetricKey & KeySchedule & { id?: string })

/** The secrets of a site. */
export interface SessionKeys {
  /**
   * The key ring, newest first. The first active key signs and seals; all of them verify and
   * unseal. To rotate, put a new key in front, and keep the old one for the absolute timeout of a
   * session (30 days by default).
   */
  ring: RingKey[]
  /**
   * The store key secret, whose HMAC of the subject locates its record, so that the keys in the
   * store reveal no user. It does not rotate with the ring: with another secret no old record is
   * found, and all users must sign in again.
   */
  storeKeySecret: SecretInput
}

/** A request without its body. Every web-standard `Request` is one. */
export interface RequestHead {
  /** The HTTP method in upper case, such as `'GET'`. */
  readonly method: string
  /** The absolute URL, such as `'https://app.example/cart'`. */
  readonly url: string
  /** The header fields, by names in any case. */
  readonly headers: Pick<Headers, 'get' | 'has'> & Iterable<[string, string]>
}

/** A value that JSON can represent. */
export type JsonValue = null | boolean | number | string | JsonValue[] | {
  [name: string]: JsonValue
}

/**
 * The claims of a token, as an object without a prototype: no name in a token can reach a member of
 * another object.
 */
export type Claims = { [name: string]: unknown }

/** A session, as its record in the store describes it. */
export interface Session<Data extends JsonValue = JsonValue> {
  /**
   * The public session ID: 43 characters. It may be shown to its owner and passed to `revoke`; it
   * is not a secret, and authenticates nobody.
   */
  id: string
  /** The user ID that was passed to `signIn`, or `anonymous:` and a random text. */
  subject: string
  /** The time of the sign-in. */
  createdAtMs: number
  /** The time of the last authentication: the sign-in or a step-up. A refresh never moves it. */
  authenticatedAtMs: number
  /** The time of the last rotation of the refresh token, at first that of the sign-in. */
  rotatedAtMs: number
  /** The number of the refresh token in its chain, from 0. A rotation adds 1, a step-up 3. */
  generation: number
  /** The time at which the session ends unless it is refreshed before. */
  idleDeadlineMs: number
  /** The time at which the session ends in any case. */
  absoluteDeadlineMs: number
  /** The authentication context class (OpenID Connect Core section 2), or `null`. */
  acr: string | null
  /** The authentication methods (RFC 8176), empty where none were given. */
  amr: string[]
  /** The name of the session for a list, as passed to `signIn`, or `null`. */
  label: string | null
  /** The data of the application, `null` where it has set none. */
  data: Data
}

/**
 * A session as its access token describes it. The store was not read, so that a revocation may not
 * be known yet.
 */
export interface AuthenticatedSession {
  /** The public session ID, as in the claim `sid`. */
  id: string
  /** The user ID, as in the claim `sub`. */
  subject: string
  /** The generation of the refresh token with which the access token was issued. */
  generation: number
  /** The time of the last authentication, as in the claim `auth_time`. */
  authenticatedAtMs: number
  /** The authentication context class (OpenID Connect Core section 2), or `null`. */
  acr: string | null
  /** The authentication methods (RFC 8176), empty where none were given. */
  amr: string[]
  /** The time at which the access token expires. */
  expiresAtMs: number
}

/** The row of the decision table in docs/rotation.md that applies, and its verdict. */
export interface RotationDecision {
  /** The number of the row in docs/rotation.md. */
  row: '2' | '3' | '4' | '5' | '6' | '6a' | '7' | '7a' | '8' | '9' | '10'
  /** The verdict of that row: docs/rotation.md explains each. */
  verdict:
    | 'expired'
    | 'revoked'
    | 'evicted'
    | 'reused'
    | 'unknown'
    | 'ahead_of_record'
    | 'access_token_only'
    | 'rotate'
    | 'secret_mismatch'
    | 'reissue_successor'
    | 'superseded'
    | 'reused_late'
    | 'reused_by_other_client'
    | 'step_up_unfinished'
    | 'reused_stale'
}

/** The facts behind a decision on a refresh token: see the table in docs/rotation.md. */
export interface RotationDetails {
  /** The number of the row that applied. */
  row: RotationDecision['row']
  /** The verdict of that row. */
  verdict: RotationDecision['verdict']
  /** The milliseconds since the last rotation, or `null` where the session is unknown. */
  msSinceRotation: number | null
  /**
   * The generation of the record minus that of the presented token, or `null` where the session is
   * unknown.
   */
  generationDistance: number | null
  /**
   * Whether the client family differs from that of the last rotation. `null` where this was not
   * compared, or where one of them names no browser or no system.
   */
  clientChanged: boolean | null
}

/** The types of session events. `SessionEvent` describes the fields. */
export type SessionEventType =
  | 'signed_in'
  | 'refreshed'
  | 'successor_reissued'
  | 'ahead_of_record'
  | 'refresh_superseded'
  | 'reuse_detected'
  | 'session_revoked'
  | 'session_evicted'
  | 'stepped_up'
  | 'session_expired'
  | 'refresh_rejected'
  | 'anomaly_detected'
