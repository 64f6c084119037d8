/** Secrets, keys and opaque tokens, made from randomness or derived from a secret. */
import { wellFormed } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { hostOf } from '../core/host.js'
import { copySecret, wipe } from '../core/key-input.js'
import type { Entropy, PublicJwk, SecretInput } from '../core/types.js'
import { call } from '../core/wasm.js'
import type { GeneratedKey, GenerateKeyOptions } from './types.js'

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
