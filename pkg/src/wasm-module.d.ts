/**
 * The compiled core, for `portcullis/slim` and for bundlers that turn a .wasm import into a module.
 */
declare const module: WebAssembly.Module
export default module
