/**
 * The shared buffer: a fixed place in Wasm memory (src/wasm/shared_buffer.rs). Texts are written
 * and read there in place instead of being allocated, copied and freed at each call (measured: see
 * performance.md, Shared buffer).
 */
import { callCore, instanceNumber, wasmMemory } from './wasm.js'

let locatedInstance = -1
let input = new Uint8Array()
let output = new Uint8Array()
let outputNumbers = new Float64Array()
let index = new Uint32Array()
let lastOutput = output

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Writes a text into the shared buffer. Gives its length in bytes, or -1 where it does not fit. */
export function writeText(text: string): number {
  locate()
  const { read, written } = encoder.encodeInto(text, input)
  return read === text.length ? written : -1
}

/** Reads a text of `length` bytes. The core must have written it in the call just before. */
export function readText(length: number): string {
  if (output.length === 0) locate()
  // A new view is slow to make, and many texts are as long as the last one (measured: see
  // performance.md, Shared buffer).
  if (lastOutput.length !== length) lastOutput = output.subarray(0, length)
  return decoder.decode(lastOutput)
}

/**
 * Views what the core has written, as bytes and as numbers. The next call of the core changes it.
 */
export function view(): { bytes: Uint8Array; numbers: Float64Array } {
  if (output.length === 0) locate()
  return { bytes: output, numbers: outputNumbers }
}

/**
 * Gives the positions of the claims that the core has just written: see src/wasm/shared_buffer.rs.
 */
export function claimIndex(): Uint32Array {
  return index
}

/**
 * Finds the shared buffer again after a reset, which moves it, and after the memory has grown,
 * which detaches all views of it.
 */
function locate(): void {
  if (locatedInstance === instanceNumber() && input.length > 0) return
  const [from, to, listed, size] = callCore((core) =>
    [
      core.inputAddress(),
      core.outputAddress(),
      core.claimIndexAddress(),
      core.bufferSize(),
    ] as const
  )
  locatedInstance = instanceNumber()
  const { buffer } = wasmMemory()
  input = new Uint8Array(buffer, from, size)
  output = new Uint8Array(buffer, to, size)
  outputNumbers = new Float64Array(buffer, to, size / 8)
  index = new Uint32Array(buffer, listed)
  lastOutput = output.subarray(0, 0)
}
