/**
 * The entry for Cloudflare Workers, which forbids compiling bytes: the runtime compiles the import.
 */
import { waitUntil } from 'cloudflare:workers'
import module from '../../wasm/core_bg.wasm'
import { setModuleLoader } from '../core/wasm.js'
import { setRuntimeWaitUntil } from '../sessions/first-use.js'

setModuleLoader(() => module)
setRuntimeWaitUntil(waitUntil)

export * from './api.js'
