/** The entry for Vercel's edge runtime, whose bundler compiles an import that ends in `?module`. */
import module from '../../wasm/core_bg.wasm?module'
import { setModuleLoader } from '../core/wasm.js'

setModuleLoader(() => module)

export * from './api.js'
