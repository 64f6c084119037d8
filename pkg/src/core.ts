/**
 * The one door to the wasm core, and its loader.
 *
 * The module is compiled at the first call, not at import. After a trap (a stack overflow, memory used up) the instance
 * is not trusted any more: it is reset before the next call, and what lived in it is built again from the options that
 * are kept here, and only here.
 */
import * as glue from '../wasm/portcullis.js'
import { PortcullisError, type ErrorCode } from './errors.js'

let loadModule: (() => WebAssembly.Module) | undefined
let instantiated = false
let poisoned = false
let epoch = 0

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
    if (thrown instanceof PortcullisError) throw thrown
    if (isTrap(thrown)) {
      poisoned = true
      throw new PortcullisError('ERR_TRAP', 'The core was stopped in the middle of a call: try again, the next call gets a fresh one.', { cause: thrown })
    }
    throw fromCore(thrown)
  }
}

/** A copy of the core's memory, for tests of what it holds. */
export function copyMemory(): Uint8Array {
  prepare()
  // The instance is there and is given again; no module is looked at.
  const { memory } = glue.initSync(undefined as never)
  return new Uint8Array(memory.buffer.slice(0))
}

/** A site inside the core. Survives a trap by being built again. */
export class SiteCore {
  #options: object | undefined
  #core: glue.Core | undefined
  #epoch = -1

  constructor(options: object) {
    this.#options = options
    this.call(() => undefined)
  }

  call<T>(run: (core: glue.Core) => T): T {
    return call((all) => {
      if (this.#options === undefined) throw new PortcullisError('ERR_DISPOSED', 'These sessions were disposed of: create new ones with createSessions().')
      if (this.#core === undefined || this.#epoch !== epoch) {
        this.#core = new all.Core(this.#options)
        this.#epoch = epoch
      }
      return run(this.#core)
    })
  }

  /** Wipes the keys in the core and forgets the options; whoever made the options wipes those. */
  dispose(): void {
    if (this.#epoch === epoch && !poisoned) this.#core?.free()
    call((all) => all.scrubStack())
    this.#core = undefined
    this.#options = undefined
  }
}

function prepare(): void {
  if (poisoned) {
    glue.__wbg_reset_state()
    poisoned = false
    epoch += 1
  }
  if (instantiated) return
  if (loadModule === undefined) throw new PortcullisError('ERR_CONFIG', 'portcullis/slim has no module yet: call init(module) first.')
  glue.initSync({ module: loadModule() })
  instantiated = true
}

/** A wasm trap is a RuntimeError; a stack overflow is a RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey. */
function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError || (thrown as Error | null)?.name === 'InternalError'
}

function fromCore(thrown: unknown): PortcullisError {
  const { code, status, message } = thrown as { code?: ErrorCode; status?: number; message?: string }
  if (code === undefined || status === undefined) {
    return new PortcullisError('ERR_INTERNAL', 'Something that should be impossible happened: please report it.', { cause: thrown })
  }
  return new PortcullisError(code, message ?? code, { status })
}
