import { rejectStore, USE_UNDERLYING_DATABASE } from './without-swap.js'

/**
 * There are no sessions in Keyv: it has no compare-and-swap, whatever database lies below. This
 * exists to say so, and what to use instead.
 *
 * @throws PortcullisError `ERR_STORE_NEEDS_SWAP`, always
 */
export function keyvStore(_keyv?: unknown): never {
  return rejectStore('Keyv', USE_UNDERLYING_DATABASE)
}
