/**
 * The one door to the wasm core, and its loader.
 *
 * The module is compiled at the first call, not at import. After a trap (a stack overflow, memory
 * used up) the instance is not trusted any more: it is reset before the next call, and what lived
 * in it is built again from the options that are kept here, and only here.
 */
import * as glue from '../wasm/portcullis.js'
import { type ErrorCode, PortcullisError } from './errors.js'

let loadModule: (() => WebAssembly.Module) | undefined
let exports: glue.InitOutput | undefined
let poisoned = false
let instance = 0

/** Says where the module comes from: each entry has its own way. */
export function provideModule(load: () => WebAssembly.Module): void {
  loadModule ??= load
}

/** Calls the core. What it throws is a `PortcullisError`. */
export function call<T>(run: (core: typeof glue) => T): T {
  prepare()
  try {
    return run(glue)
  } catch (thrown) {
    throw understood(thrown)
  }
}

/**
 * What a call of the core threw, as the `PortcullisError` that it means. After a trap the next call
 * gets a fresh core.
 */
export function understood(thrown: unknown): PortcullisError {
  if (thrown instanceof PortcullisError) return thrown
  if (!isTrap(thrown)) return fromCore(thrown)
  poisoned = true
  return new PortcullisError(
    'ERR_TRAP',
    'The core was stopped in the middle of a call: try again, the next call gets a fresh one.',
    { cause: thrown },
  )
}

/** The core's memory, once something was called. */
export function memory(): WebAssembly.Memory {
  prepare()
  return exports!.memory
}

/** Counts the instances of the core: whatever lived in an earlier one is gone. */
export function epoch(): number {
  return instance
}

/** What lives inside the core. Survives a trap by being built again from its options. */
export class Kept<Inside extends { free(): void }> {
  readonly #make: (core: typeof glue, options: object) => Inside
  #options: object | undefined
  #inside: Inside | undefined
  #instance = -1

  constructor(options: object, make: (core: typeof glue, options: object) => Inside) {
    this.#options = options
    this.#make = make
    this.call(() => undefined)
  }

  call<T>(run: (inside: Inside) => T): T {
    return call(() => run(this.ready()))
  }

  /** It, alive. For the path of every request, which does its own catching: see `understood`. */
  ready(): Inside {
    prepare()
    if (this.#inside !== undefined && this.#instance === instance) return this.#inside
    const options = this.#options
    if (options === undefined) {
      throw new PortcullisError('ERR_DISPOSED', 'This was disposed of: create a new one.')
    }
    this.#inside = call((core) => this.#make(core, options))
    this.#instance = instance
    return this.#inside
  }

  /** Wipes the keys in the core and forgets the options; whoever made the options wipes those. */
  dispose(): void {
    if (this.#instance === instance && !poisoned) this.#inside?.free()
    call((core) => core.scrubStack())
    this.#inside = undefined
    this.#options = undefined
  }
}

export type SiteCore = Kept<glue.Core>

function prepare(): void {
  if (poisoned) {
    glue.__wbg_reset_state()
    poisoned = false
    instance += 1
    // The instance is there and is given again; no module is looked at.
    exports = glue.initSync(undefined as never)
  }
  if (exports !== undefined) return
  if (loadModule === undefined) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'portcullis/slim has no module yet: call init(module) first.',
    )
  }
  exports = glue.initSync({ module: loadModule() })
}

/**
 * A wasm trap is a RuntimeError; a stack overflow is a RangeError in V8 and JavaScriptCore, an
 * InternalError in SpiderMonkey.
 */
function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError
    || (thrown as Error | null)?.name === 'InternalError'
}

function fromCore(thrown: unknown): PortcullisError {
  const { code, status, message } = thrown as {
    code?: ErrorCode
    status?: number
    message?: string
  }
  if (code === undefined || status === undefined) {
    return new PortcullisError(
      'ERR_INTERNAL',
      'Something that should be impossible happened: please report it.',
      { cause: thrown },
    )
  }
  return new PortcullisError(code, message ?? code, { status })
}
