/** Cloudflare Workers: compiling bytes is forbidden there; the runtime compiles the import. */
import module from '../../wasm/core_bg.wasm'
import { provideModule } from '../core.js'

provideModule(() => module)

export * from '../api.js'
