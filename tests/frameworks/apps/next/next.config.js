import { fileURLToPath } from 'node:url'

// Several folders above have lock files, so that the root of the packages must be given.
export default { turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) } }
