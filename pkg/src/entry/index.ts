/**
 * The entry for Node.js, Deno, Bun and browsers. The module is part of the code, so that no file
 * must be found or fetched.
 */
import { bytesBase64 } from '../../wasm/inline.js'
import { setModuleLoader } from '../core/wasm.js'
import { setRuntimeWaitUntil } from '../sessions/first-use.js'

setModuleLoader(() => new WebAssembly.Module(decode(bytesBase64)))
// These runtimes continue after a response, so that work in the background needs no help.
setRuntimeWaitUntil(() => undefined)

/**
 * A loop, because `Uint8Array.from` with a function is far slower (measured: see performance.md,
 * Loading the module).
 */
function decode(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64)
  const bytes = new Uint8Array(characters.length)
  for (let n = 0; n < bytes.length; n += 1) bytes[n] = characters.charCodeAt(n)
  return bytes
}

export * from './api.js'
