/**
 * The loader of the Wasm core, and the only file that imports its generated bindings.
 *
 * The module is compiled at the first call, not at import. After a trap (a stack overflow, no
 * memory left) the instance is reset before the next call. Objects that lived in it are created
 * again from their options, which are kept in `WasmHandle` alone.
 */
import * as bindings from '../../wasm/portcullis.js'
import { type ErrorCode, internalError, PortcullisError } from './errors.js'

let loadModule: (() => WebAssembly.Module) | undefined
let exports: bindings.InitOutput | undefined
let trapped = false
let instance = 0

/** Sets how the module is loaded. Each entry calls this once; the first loader stays. */
export function setModuleLoader(load: () => WebAssembly.Module): void {
  loadModule ??= load
}

/** Calls the core. Whatever it throws is thrown on as a `PortcullisError`. */
export function callCore<T>(run: (core: typeof bindings) => T): T {
  ensureInstance()
  try {
    return run(bindings)
  } catch (error) {
    throw toPortcullisError(error)
  }
}

/** Converts what a call of the core has thrown. A trap marks the instance for a reset. */
export function toPortcullisError(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error
  if (!isTrap(error)) return fromCoreError(error)
  trapped = true
  return new PortcullisError(
    'ERR_TRAP',
    'The Wasm core crashed in this call: retry; the next call uses a new instance.',
    { cause: error },
  )
}

/** Gives the memory of the current instance, and creates that instance if need be. */
export function wasmMemory(): WebAssembly.Memory {
  return ensureInstance().memory
}

/**
 * Gives the number of the current instance. A new number means that objects of earlier ones are
 * gone.
 */
export function instanceNumber(): number {
  return instance
}

/** An object inside the core. After a trap it is created again from its options. */
export class WasmHandle<Instance extends { free(): void }> {
  readonly #make: (core: typeof bindings, options: object) => Instance
  #options: object | undefined
  #live: Instance | undefined
  #instance = -1

  constructor(options: object, make: (core: typeof bindings, options: object) => Instance) {
    this.#options = options
    this.#make = make
    this.call(() => undefined)
  }

  call<T>(run: (live: Instance) => T): T {
    return callCore(() => run(this.ready()))
  }

  /**
   * Gives the object in the current instance. For callers on the path of every request, which catch
   * errors themselves with `toPortcullisError`.
   */
  ready(): Instance {
    ensureInstance()
    if (this.#live !== undefined && this.#instance === instance) return this.#live
    const options = this.#options
    if (options === undefined) {
      throw new PortcullisError('ERR_DISPOSED', 'This object was disposed of: create a new one.')
    }
    this.#live = callCore((core) => this.#make(core, options))
    this.#instance = instance
    return this.#live
  }

  /**
   * Wipes the keys in the core and forgets the options. Whoever made the options wipes their
   * secrets.
   */
  dispose(): void {
    if (this.#instance === instance && !trapped) this.#live?.free()
    callCore((core) => core.scrubStack())
    this.#live = undefined
    this.#options = undefined
  }
}

export type SiteHandle = WasmHandle<bindings.SiteCore>
export type SignerHandle = WasmHandle<bindings.TokenSigner>
export type VerifierHandle = WasmHandle<bindings.TokenVerifier>

function ensureInstance(): bindings.InitOutput {
  if (trapped) {
    bindings.__wbg_reset_state()
    trapped = false
    instance += 1
    // After a reset the compiled module is used again, so that the argument is not read.
    exports = bindings.initSync(undefined as never)
  }
  if (exports !== undefined) return exports
  if (loadModule === undefined) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'portcullis/slim has no module yet: call init(module) first.',
    )
  }
  exports = bindings.initSync({ module: loadModule() })
  return exports
}

/**
 * A Wasm trap is a RuntimeError. A stack overflow is a RangeError in V8 and JavaScriptCore, and an
 * InternalError in SpiderMonkey.
 */
function isTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError
    || (error as Error | null)?.name === 'InternalError'
}

function fromCoreError(error: unknown): PortcullisError {
  const { code, status, message } = error as {
    code?: ErrorCode
    status?: number
    message?: string
  }
  if (code === undefined || status === undefined) {
    return internalError(error)
  }
  return new PortcullisError(code, message ?? code, { status })
}
