import { rejectStore, USE_UNDERLYING_DATABASE } from './without-swap.js'

/**
 * Always throws: the drivers of unstorage have no common compare-and-swap, so unstorage cannot hold
 * sessions. The error names the stores to use instead.
 *
 * @throws PortcullisError `ERR_STORE_NEEDS_SWAP`
 */
export function unstorageStore(_storage?: unknown): never {
  return rejectStore('unstorage', USE_UNDERLYING_DATABASE)
}
