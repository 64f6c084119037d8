/** What is made from randomness or from a secret, for people who only need that. */
import { call } from './core.js'
import { PortcullisError } from './errors.js'
import { hostOf } from './host.js'
import { wellFormed } from './inputs.js'
import { copyRingKey, copySecret, type KeyCopy, wipe } from './keys.js'
import type {
  Entropy,
  GeneratedKey,
  GenerateKeyOptions,
  OpenOptions,
  PublicJwk,
  RingKey,
  SealOptions,
  SecretInput,
} from './types.js'

/**
 * A new secret for `keys`: 32 random bytes in base64url. Print it once and keep it where you keep
 * secrets.
 */
export function generateSecret(entropy?: Entropy): string {
  return generateOpaque(32, entropy)
}

/**
 * An opaque random token in base64url: 16 to 1024 bytes, 32 by default.
 *
 * @throws PortcullisError `ERR_ENTROPY` where the source of randomness throws, gives too little, or
 * repeats itself: then nothing is issued. `ERR_ARGUMENT` for another length.
 */
export function generateOpaque(bytes = 32, entropy?: Entropy): string {
  if (!Number.isInteger(bytes) || bytes < 16 || bytes > 1024) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'An opaque token has 16 to 1024 random bytes: 32 are plenty.',
    )
  }
  const drawn = hostOf(entropy).draw(bytes)
  return call((core) => core.opaque(drawn))
}

/**
 * A new key for tokens. EdDSA and ES256 make a pair: keep `privateJwk` secret and publish
 * `publicJwk` (or let `jwks` do it). HS256 makes a secret to share. The name is the key's
 * thumbprint (RFC 7638) unless you give one.
 *
 * @throws PortcullisError `ERR_ENTROPY`, `ERR_ARGUMENT`, `ERR_CONFIG` for a bad id
 */
export function generateKey(
  algorithm: 'HS256' | 'EdDSA' | 'ES256',
  { id, entropy }: GenerateKeyOptions = {},
): GeneratedKey {
  const drawn = hostOf(entropy).draw(32 + 16)
  const name = id === undefined ? undefined : wellFormed(id, 'id')
  const made = call((core) =>
    core.generateKey(wellFormed(algorithm, 'algorithm'), name, drawn)
  ) as { id: string; private: string; public: string | null }
  const parse = (text: string): PublicJwk => JSON.parse(text) as PublicJwk
  return {
    id: made.id,
    algorithm,
    privateJwk: parse(made.private),
    publicJwk: made.public === null ? null : parse(made.public),
  }
}

/**
 * A key derived from a strong secret: HKDF-SHA256 (RFC 5869) with an empty salt and `label` as
 * info. Another label gives a key that has nothing to do with it.
 *
 * @param label what the key is for: 1 to 256 bytes, not beginning with `portcullis/`
 * @param length 16 to 1024 bytes, 32 by default
 * @throws PortcullisError `ERR_WEAK_KEY`, `ERR_CONFIG`, `ERR_ARGUMENT`
 */
export function deriveSubkey(secret: SecretInput, label: string, length = 32): Uint8Array {
  if (!Number.isInteger(length) || length < 0) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'length must be a whole number from 16 to 1024 bytes.',
    )
  }
  const copy = copySecret(secret, 'the secret')
  try {
    return call((core) => core.deriveSubkey(copy, wellFormed(label, 'label'), length))
  } finally {
    wipe([copy])
  }
}

/**
 * Encrypts and authenticates bytes (XChaCha20-Poly1305, 49 bytes longer) under the ring's current
 * key. They open only with the same associated data.
 *
 * @throws PortcullisError `ERR_ARGUMENT` over 1 MiB, `ERR_ENTROPY`, `ERR_CONFIG`, `ERR_WEAK_KEY`,
 * `ERR_CLOCK`
 */
export function seal(
  plain: Uint8Array,
  { keys, associatedData, entropy, nowMs = Date.now() }: SealOptions,
): Uint8Array {
  const bytes = small(plain, 'What is sealed')
  const context = contextOf(associatedData)
  const nonce = hostOf(entropy).draw(24)
  return withRing(keys, (ring) => call((core) => core.seal(ring, context, nonce, bytes, nowMs)))
}

/**
 * Opens what `seal` sealed, under any key of the ring.
 *
 * @throws PortcullisError `ERR_SEALED_CORRUPT`, `ERR_SEALED_KEY`, `ERR_SEALED_NEWER`,
 * `ERR_ARGUMENT`, `ERR_CONFIG`, `ERR_WEAK_KEY`
 */
export function open(sealed: Uint8Array, { keys, associatedData }: OpenOptions): Uint8Array {
  const bytes = small(sealed, 'What is opened')
  const context = contextOf(associatedData)
  return withRing(keys, (ring) => call((core) => core.open(ring, context, bytes)))
}

/** The core says what is too much; far more than that is not even copied into it. */
const COPIED_MAX_BYTES = 2 * 1024 * 1024

function small(bytes: Uint8Array, what: string): Uint8Array {
  if (!(bytes instanceof Uint8Array)) {
    throw new PortcullisError('ERR_ARGUMENT', `${what} must be a Uint8Array.`)
  }
  if (bytes.length > COPIED_MAX_BYTES) {
    throw new PortcullisError('ERR_ARGUMENT', 'At most 1 MiB is sealed at once.')
  }
  return bytes
}

function contextOf(data: Uint8Array | string | undefined): Uint8Array {
  return data === undefined || typeof data === 'string'
    ? new TextEncoder().encode(wellFormed(data ?? '', 'associatedData'))
    : small(data, 'associatedData')
}

function withRing<T>(keys: RingKey[], run: (keys: { ring: KeyCopy[] }) => T): T {
  if (!Array.isArray(keys) || keys.length > 64) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'keys must be an array of at most 64 keys, the newest first.',
    )
  }
  const ring = keys.map(copyRingKey)
  try {
    return run({ ring })
  } finally {
    wipe(ring.map((key) => key.secret))
  }
}
