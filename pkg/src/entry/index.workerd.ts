/** Cloudflare Workers: compiling bytes is forbidden there; the runtime compiles the import. */
import { waitUntil } from 'cloudflare:workers'
import module from '../../wasm/core_bg.wasm'
import { provideModule } from '../core/wasm.js'
import { provideBackground } from '../sessions/first-use.js'

provideModule(() => module)
provideBackground(waitUntil)

export * from './api.js'
