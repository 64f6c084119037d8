import { checkText } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { hostFor } from '../core/host.js'
import { copyRingKey, type KeyCopy, wipe } from '../core/key-input.js'
import type { RingKey } from '../core/types.js'
import { callCore } from '../core/wasm.js'
import type { OpenOptions, SealOptions } from './types.js'

/**
 * Encrypts and authenticates bytes with XChaCha20-Poly1305 and the active key of the ring. The
 * result is 49 bytes longer, and can be unsealed only with the same associated data.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for more than 1 MiB, `ERR_ENTROPY`, `ERR_CONFIG`,
 * `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function seal(
  plain: Uint8Array,
  { keys, associatedData, entropy, nowMs = Date.now() }: SealOptions,
): Uint8Array {
  const bytes = checkBytes(plain, 'The data to seal')
  const associatedBytes = encodeAssociatedData(associatedData)
  const nonce = hostFor(entropy).drawRandom(24)
  return withRing(
    keys,
    (ring) => callCore((core) => core.seal(ring, associatedBytes, nonce, bytes, nowMs)),
  )
}

/**
 * Unseals what `seal` has sealed, with any key of the ring.
 *
 * @throws PortcullisError `ERR_SEALED_CORRUPT`, `ERR_SEALED_KEY`, `ERR_SEALED_NEWER`,
 * `ERR_ARGUMENT`, `ERR_CONFIG`, `ERR_WEAK_KEY`
 */
export function open(sealed: Uint8Array, { keys, associatedData }: OpenOptions): Uint8Array {
  const bytes = checkBytes(sealed, 'The data to open')
  const associatedBytes = encodeAssociatedData(associatedData)
  return withRing(keys, (ring) => callCore((core) => core.unseal(ring, associatedBytes, bytes)))
}

/** The core has the exact limit. Far longer data is rejected without being copied into the core. */
const MAX_COPIED_BYTES = 2 * 1024 * 1024

function checkBytes(bytes: Uint8Array, what: string): Uint8Array {
  if (!(bytes instanceof Uint8Array)) {
    throw new PortcullisError('ERR_ARGUMENT', `${what} must be a Uint8Array.`)
  }
  if (bytes.length > MAX_COPIED_BYTES) {
    throw new PortcullisError('ERR_ARGUMENT', 'Too much data: seal at most 1 MiB at once.')
  }
  return bytes
}

function encodeAssociatedData(data: Uint8Array | string | undefined): Uint8Array {
  return data === undefined || typeof data === 'string'
    ? new TextEncoder().encode(checkText(data ?? '', 'associatedData'))
    : checkBytes(data, 'associatedData')
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
