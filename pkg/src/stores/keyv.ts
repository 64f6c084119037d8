import { rejectStore, USE_UNDERLYING_DATABASE } from './without-swap.js'

/**
 * Always throws: Keyv has no compare-and-swap on any database, so it cannot hold sessions. The
 * error names the stores to use instead.
 *
 * @throws PortcullisError `ERR_STORE_NEEDS_SWAP`
 */
export function keyvStore(_keyv?: unknown): never {
  return rejectStore('Keyv', USE_UNDERLYING_DATABASE)
}
