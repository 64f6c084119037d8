/** Creates secrets, keys and opaque tokens from random bytes, and derives keys from secrets. */
import { checkText } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { hostFor } from '../core/host.js'
import { copySecret, wipe } from '../core/key-input.js'
import type { Entropy, PublicJwk, SecretInput } from '../core/types.js'
import { callCore } from '../core/wasm.js'
import type { GeneratedKey, GenerateKeyOptions } from './types.js'

/**
 * Creates a secret for `keys`: 32 random bytes in base64url. Print it once, and store it as a
 * secret.
 *
 * @throws PortcullisError `ERR_ENTROPY`
 */
export function generateSecret(entropy?: Entropy): string {
  return generateOpaque(32, entropy)
}

/**
 * Creates an opaque random token in base64url.
 *
 * @param bytes the number of random bytes: default 32, range 16 to 1024
 * @throws PortcullisError `ERR_ENTROPY` if the random source throws, gives another number of bytes
 * or repeats itself; `ERR_ARGUMENT` for a length out of range
 */
export function generateOpaque(bytes = 32, entropy?: Entropy): string {
  if (!Number.isInteger(bytes) || bytes < 16 || bytes > 1024) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Invalid length of an opaque token: pass 16 to 1024 bytes.',
    )
  }
  const bytesDrawn = hostFor(entropy).drawRandom(bytes)
  return callCore((core) => core.generateOpaqueToken(bytesDrawn))
}

/**
 * Creates a key for tokens. For EdDSA and ES256, keep `privateJwk` secret and publish `publicJwk`
 * (or let `jwks` publish it). For HS256 the key is a secret to share with the other program.
 *
 * @throws PortcullisError `ERR_ENTROPY`, `ERR_ARGUMENT`, `ERR_CONFIG` for an invalid id
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
 * Derives a key from a strong secret by HKDF-SHA256 (RFC 5869), with an empty salt and `label` as
 * info. Keys of different labels are independent.
 *
 * @param label the purpose of the key: 1 to 256 bytes, not beginning with `portcullis/`
 * @param length the length of the key in bytes: default 32, range 16 to 1024
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
