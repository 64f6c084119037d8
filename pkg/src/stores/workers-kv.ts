import { rejectStore } from './without-swap.js'

/**
 * There are no sessions in Workers KV: it has no compare-and-swap, and a read may be a minute old.
 * This exists to say so, and what to use on Cloudflare instead.
 *
 * @throws PortcullisError `ERR_STORE_NEEDS_SWAP`, always
 */
export function workersKvStore(_namespace?: unknown): never {
  return rejectStore(
    'Workers KV',
    'On Cloudflare use a Durable Object: durableObjectStore(env.SESSIONS) of portcullis/stores/durable-object, or D1: d1Store(env.DB) of portcullis/stores/d1, or an adapter of your own',
  )
}
