/** For tests of what stands on portcullis. Needs the entry that the test imports as well: `import 'portcullis'`. */
import { call, copyMemory } from './core.js'

/**
 * Stops the core in the middle of a call, as a defect in it would: by an abort, by using the stack up, or by using the
 * memory up. The call throws `ERR_TRAP`; the next call, whatever it is, gets a fresh core.
 */
export function forceTrap(how: 'abort' | 'stack' | 'memory'): void {
  call((core) => core.forceTrap(how))
}

/** A copy of the core's linear memory: to see for yourself that `dispose()` leaves no key in it. */
export function coreMemory(): Uint8Array {
  return copyMemory()
}
