/**
 * The one door to the wasm core, and its loader.
 *
 * The module is compiled at the first call, not at import. After a trap (a stack overflow, memory
 * used up) the instance is not trusted any more: it is reset before the next call, and what lived
 * in it is built again from the options that are kept here, and only here.
 */
import * as bindings from '../../wasm/portcullis.js'
import { type ErrorCode, internalError, PortcullisError } from './errors.js'

let loadModule: (() => WebAssembly.Module) | undefined
let exports: bindings.InitOutput | undefined
let trapped = false
let instance = 0

/** Says where the module comes from: each entry has its own way. */
export function setModuleLoader(load: () => WebAssembly.Module): void {
  loadModule ??= load
}

/** Calls the core. What it throws is a `PortcullisError`. */
export function callCore<T>(run: (core: typeof bindings) => T): T {
  ensureInstance()
  try {
    return run(bindings)
  } catch (error) {
    throw toPortcullisError(error)
  }
}

/**
 * What a call of the core threw, as the `PortcullisError` that it means. After a trap the next call
 * gets a fresh core.
 */
export function toPortcullisError(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error
  if (!isTrap(error)) return fromCoreError(error)
  trapped = true
  return new PortcullisError(
    'ERR_TRAP',
    'The core was stopped in the middle of a call: try again, the next call gets a fresh one.',
    { cause: error },
  )
}

/** The core's memory, once something was called. */
export function wasmMemory(): WebAssembly.Memory {
  return ensureInstance().memory
}

/** Counts the instances of the core: whatever lived in an earlier one is gone. */
export function instanceNumber(): number {
  return instance
}

/** What lives inside the core. Survives a trap by being built again from its options. */
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

  /** It, alive. For the path of every request, which does its own catching: see `understood`. */
  ready(): Instance {
    ensureInstance()
    if (this.#live !== undefined && this.#instance === instance) return this.#live
    const options = this.#options
    if (options === undefined) {
      throw new PortcullisError('ERR_DISPOSED', 'This was disposed of: create a new one.')
    }
    this.#live = callCore((core) => this.#make(core, options))
    this.#instance = instance
    return this.#live
  }

  /** Wipes the keys in the core and forgets the options; whoever made the options wipes those. */
  dispose(): void {
    if (this.#instance === instance && !trapped) this.#live?.free()
    callCore((core) => core.scrubStack())
    this.#live = undefined
    this.#options = undefined
  }
}

export type SiteHandle = WasmHandle<bindings.Core>
export type SignerHandle = WasmHandle<bindings.TokenSigner>
export type VerifierHandle = WasmHandle<bindings.TokenVerifier>

function ensureInstance(): bindings.InitOutput {
  if (trapped) {
    bindings.__wbg_reset_state()
    trapped = false
    instance += 1
    // The instance is there and is given again; no module is looked at.
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
 * A wasm trap is a RuntimeError; a stack overflow is a RangeError in V8 and JavaScriptCore, an
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
