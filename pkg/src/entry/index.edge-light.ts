/** Vercel's edge runtime: its bundler compiles an import that ends in `?module`. */
import module from '../../wasm/core_bg.wasm?module'
import { provideModule } from '../core/wasm.js'

provideModule(() => module)

export * from './api.js'
