/**
 * Helpers for tests of programs that use portcullis. The test must also import an entry, such as
 * `import 'portcullis'`. `portcullis/testing/stores` has `storeConformance` alone, and needs no
 * entry.
 */
import { callCore, wasmMemory } from '../core/wasm.js'

export { storeConformance } from './stores/index.js'
export type { StoreConformanceCase, StoreConformanceOptions } from './stores/index.js'

/**
 * Stops the core in the middle of a call, as a defect in it would: by an abort, a stack overflow,
 * or exhausted memory. This call throws `ERR_TRAP`; the next call uses a new instance.
 */
export function forceTrap(how: 'abort' | 'stack' | 'memory'): void {
  callCore((core) => core.forceTrap(how))
}

/** Copies the core's linear memory, to check that `dispose()` leaves no key in it. */
export function coreMemory(): Uint8Array {
  return new Uint8Array(wasmMemory().buffer.slice(0))
}

/**
 * Runs one of the core's cryptographic primitives on its inputs, to check published test vectors
 * against the module that ships. Gives `undefined` if the primitive rejects them. The primitives
 * and their `parts`: `hmac` (key, message), `hkdf` (secret, salt, info, length in 2 bytes,
 * big-endian), `ed25519-verify` (public key, message, signature), `p256-verify` (uncompressed
 * point, message, r and s), `xchacha20-poly1305-seal` (key, nonce, associated data, plaintext),
 * `xchacha20-poly1305-open` (key, nonce, associated data, ciphertext and tag).
 */
export function knownAnswer(primitive: string, parts: Uint8Array[]): Uint8Array | undefined {
  return callCore((core) => core.knownAnswer(primitive, parts))
}
