/** Cloudflare Workers: compiling bytes is forbidden there; the runtime compiles the import. */
import { waitUntil } from 'cloudflare:workers'
import module from '../../wasm/core_bg.wasm'
import { provideBackground } from '../background.js'
import { provideModule } from '../core.js'

provideModule(() => module)
provideBackground(waitUntil)

export * from '../api.js'
