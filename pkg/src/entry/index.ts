/** Node.js, Deno, Bun, browsers: the module is inline, so there is no file to find and nothing to fetch. */
import { bytesBase64 } from '../../wasm/inline.js'
import { provideModule } from '../core.js'

provideModule(() => new WebAssembly.Module(Uint8Array.from(atob(bytesBase64), (character) => character.charCodeAt(0))))

export * from '../api.js'
