/**
 * For hosts with a way of their own to load wasm: hand over the compiled `portcullis/core.wasm`
 * before anything else.
 */
import { setModuleLoader } from '../core/wasm.js'

/** Hands over the compiled core. The first module stays. */
export function init(module: WebAssembly.Module): void {
  setModuleLoader(() => module)
}

export * from './api.js'
