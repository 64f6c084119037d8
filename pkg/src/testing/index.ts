/**
 * For tests of what stands on portcullis. Needs the entry that the test imports as well: `import
 * 'portcullis'`; only `storeConformance` does not, and `portcullis/testing/stores` has that alone.
 */
import { callCore, wasmMemory } from '../core/wasm.js'

export { storeConformance } from './stores/index.js'
export type { StoreConformanceCase, StoreConformanceOptions } from './stores/index.js'

/**
 * Stops the core in the middle of a call, as a defect in it would: by an abort, by using the stack
 * up, or by using the memory up. The call throws `ERR_TRAP`; the next call, whatever it is, gets a
 * fresh core.
 */
export function forceTrap(how: 'abort' | 'stack' | 'memory'): void {
  callCore((core) => core.forceTrap(how))
}

/** A copy of the core's linear memory: to see for yourself that `dispose()` leaves no key in it. */
export function coreMemory(): Uint8Array {
  return new Uint8Array(wasmMemory().buffer.slice(0))
}

/**
 * The answer of one of the core's primitives to its parts, `undefined` where it refuses them: to
 * run published vectors against the very module that ships. `hmac` (key, message), `hkdf` (secret,
 * salt, info, length in 2 bytes, big-endian), `ed25519-verify` (point, message, signature),
 * `p256-verify` (uncompressed point, message, r and s), `xchacha20-poly1305-seal` (key, nonce,
 * associated data, plaintext), `xchacha20-poly1305-open` (... ciphertext and tag).
 */
export function knownAnswer(primitive: string, parts: Uint8Array[]): Uint8Array | undefined {
  return callCore((core) => core.knownAnswer(primitive, parts))
}
