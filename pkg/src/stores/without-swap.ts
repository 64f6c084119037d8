import { PortcullisError } from '../core/errors.js'

/** The advice for libraries that can use any of several databases. */
export const USE_UNDERLYING_DATABASE =
  'use the store of the database itself: portcullis/stores/sqlite, /postgres, /redis, /upstash, /dynamodb, /deno-kv, /d1, portcullis/stores/durable-object, or an adapter of your own (get and swap)'

/**
 * Throws the error for a store that has no compare-and-swap.
 *
 * @param advice The stores to use instead.
 */
export function rejectStore(what: string, wayOut: string): never {
  throw new PortcullisError(
    'ERR_STORE_NEEDS_SWAP',
    `${what} has no compare-and-swap, so a refresh could restore a session that was signed out at the same moment: ${wayOut}.`,
  )
}
