/** Secrets, keys and opaque tokens, made from randomness or derived from a secret. */
import { checkText } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { hostFor } from '../core/host.js'
import { copySecret, wipe } from '../core/key-input.js'
import type { Entropy, PublicJwk, SecretInput } from '../core/types.js'
import { callCore } from '../core/wasm.js'
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
  const bytesDrawn = hostFor(entropy).drawRandom(bytes)
  return callCore((core) => core.generateOpaqueToken(bytesDrawn))
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
  const bytesDrawn = hostFor(entropy).drawRandom(32 + 16)
  const name = id === undefined ? undefined : checkText(id, 'id')
  const generated = callCore((core) =>
    core.generateKey(checkText(algorithm, 'algorithm'), name, bytesDrawn)
  ) as { id: string; private: string; public: string | null }
  const parse = (text: string): PublicJwk => JSON.parse(text) as PublicJwk
  return {
    id: generated.id,
    algorithm,
    privateJwk: parse(generated.private),
    publicJwk: generated.public === null ? null : parse(generated.public),
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
    return callCore((core) => core.deriveSubkey(copy, checkText(label, 'label'), length))
  } finally {
    wipe([copy])
  }
}
