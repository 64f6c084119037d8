import { rejectStore, USE_UNDERLYING_DATABASE } from './without-swap.js'

/**
 * There are no sessions in unstorage: its drivers have no compare-and-swap in common. This exists
 * to say so, and what to use instead.
 *
 * @throws PortcullisError `ERR_STORE_NEEDS_SWAP`, always
 */
export function unstorageStore(_storage?: unknown): never {
  return rejectStore('unstorage', USE_UNDERLYING_DATABASE)
}
