/** The public types of the core layer: keys, requests, JSON, claims and sessions. */

/**
 * At least 32 bytes of a secret: raw bytes, or the same in base64url (or base64) text, as
 * `generateSecret()` prints it.
 */
export type SecretInput = Uint8Array | string

/** Gives exactly `length` random bytes from a cryptographically secure source. */
export type Entropy = (length: number) => Uint8Array

/**
 * The published life of a key, in milliseconds since 1970. Upcoming until `activeAtMs` (default:
 * always active), retiring from `retiringAtMs` (default: `retiredAtMs`), retired from `retiredAtMs`
 * (default: never). The first active key of a ring signs; a token signed by an upcoming or retiring
 * key verifies; one signed by a retired key does not.
 */
export interface KeySchedule {
  activeAtMs?: number | undefined
  retiringAtMs?: number | undefined
  retiredAtMs?: number | undefined
}

/** A JSON Web Key (RFC 7517). */
export interface PublicJwk {
  readonly kty?: string
  readonly [member: string]: unknown
}

/**
 * A key of a pair, Ed25519 (EdDSA) or P-256 (ES256): as a JSON Web Key, as PEM (`PUBLIC KEY` or
 * `PRIVATE KEY`, so SubjectPublicKeyInfo or PKCS#8), or as the DER in it. Verifying wants the
 * public key and refuses the private one; signing wants the private one. A point that is none,
 * another `use`, `key_ops` or `alg`, and a private key whose public half belongs to another are
 * refused with `ERR_CONFIG`.
 */
export type KeyPair = { jwk: PublicJwk } | { pem: string } | { der: Uint8Array }

/** One key of the ring. */
export interface RingKey extends KeySchedule {
  /**
   * The name that tokens carry as `kid`: 1 to 128 printable ASCII characters. Never reuse a name
   * for another secret.
   */
  id: string
  /**
   * The secret, at least 32 bytes. Every purpose (signing, sealing, rotation) gets a subkey of its
   * own by HKDF.
   */
  secret: SecretInput
  /**
   * In `createSessions`: a private key that signs access tokens instead of the subkey, so that
   * others can verify them with what `sessions.jwks()` publishes. `generateKey('EdDSA')` makes one.
   */
  signing?: KeyPair
}

/**
 * A secret shared with another program, at least 32 bytes: the HMAC key itself, not a subkey
 * (HS256). An `oct` JSON Web Key is the same.
 */
export interface HmacKey extends KeySchedule {
  id?: string
  hmac: SecretInput
}

/**
 * A key for tokens. Its kind decides the algorithm, never the token. A name in the JSON Web Key
 * serves as `id`.
 */
export type TokenKey = RingKey | HmacKey | (KeyPair & KeySchedule & { id?: string })

/** All the secrets a site has. */
export interface Keys {
  /**
   * The key ring, newest first: the first key signs and seals, all of them verify and open. To
   * rotate, put a new key in front and keep the old one for as long as the absolute timeout of a
   * session (30 days by default).
   */
  ring: RingKey[]
  /**
   * Names the records in the store (`HMAC(index, subject)`), so that key names tell nothing about
   * users. It does not rotate with the ring: another index key finds none of the old records, and
   * everybody signs in again.
   */
  index: SecretInput
}

/** What is looked at of a request, where its body is not. Every web-standard `Request` is one. */
export interface RequestHead {
  readonly method: string
  /** The whole address. */
  readonly url: string
  readonly headers: Pick<Headers, 'get' | 'has'> & Iterable<[string, string]>
}

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * A token's claims. An object without a prototype: no name in a token can reach anything of yours.
 */
export type Claims = { [name: string]: unknown }

/** A session as its record in the store tells it. */
export interface Session<Data extends Json = Json> {
  /**
   * The public session id: 43 characters, safe to show to its owner and to pass to `revoke`. It is
   * not a secret and opens nothing.
   */
  id: string
  subject: string
  createdAtMs: number
  /** When the user last proved who they are. A refresh never moves it. */
  authenticatedAtMs: number
  /** The last rotation of the refresh token (at first: the sign-in). */
  rotatedAtMs: number
  /** Counts the rotations from 0. */
  generation: number
  idleDeadlineMs: number
  absoluteDeadlineMs: number
  acr: string | null
  amr: string[]
  label: string | null
  data: Data
}

/** A session as an access token tells it: believed without a store read. */
export interface AuthenticatedSession {
  id: string
  subject: string
  generation: number
  authenticatedAtMs: number
  acr: string | null
  amr: string[]
  /** When the access token ends. */
  expiresAtMs: number
}

/** The row of the decision table that applies, and its answer. */
export interface RotationDecision {
  row: '2' | '3' | '4' | '5' | '6' | '6a' | '7' | '7a' | '8' | '9' | '10'
  answer:
    | 'expired'
    | 'revoked'
    | 'evicted'
    | 'reused'
    | 'unknown'
    | 'restored'
    | 'access_only'
    | 'rotate'
    | 'forked'
    | 'successor'
    | 'superseded'
    | 'late_parent'
    | 'sender_changed'
    | 'step_up_unfinished'
    | 'stale_lineage'
}

/** How a decision on a refresh token came about: see the table in docs/rotation.md. */
export interface RotationDetails {
  row: RotationDecision['row']
  cause: RotationDecision['answer']
  /** Milliseconds since the last rotation. */
  msSinceRotation: number | null
  /** The record's generation less the presented one. */
  generationDistance: number | null
  /** Whether another kind of client presented it than the one that rotated last. */
  senderChanged: boolean | null
}

/** The kinds of events that a session can cause: docs/events.md explains each. */
export type SessionEventType =
  | 'sign_in'
  | 'refresh'
  | 'retry'
  | 'restored'
  | 'superseded'
  | 'reuse'
  | 'revoked'
  | 'evicted'
  | 'step_up'
  | 'expired'
  | 'refused'
  | 'anomaly'
