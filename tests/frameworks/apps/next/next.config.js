import { fileURLToPath } from 'node:url'

// Several lock files lie above this folder: this one says where the packages are.
export default { turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) } }
