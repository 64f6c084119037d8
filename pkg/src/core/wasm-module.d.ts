/**
 * The compiled core, for `portcullis/slim` and for bundlers that turn the import of a .wasm file
 * into a module.
 */
declare const module: WebAssembly.Module
export default module
