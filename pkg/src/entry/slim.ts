/**
 * The entry for hosts that load Wasm themselves: pass the compiled `portcullis/core.wasm` to `init`
 * before any other call.
 */
import { setModuleLoader } from '../core/wasm.js'

/** Sets the compiled core. If it is called again, the first module stays. */
export function init(module: WebAssembly.Module): void {
  setModuleLoader(() => module)
}

export * from './api.js'
