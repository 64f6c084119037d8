import { rejectStore } from './without-swap.js'

/**
 * Always throws: Workers KV has no compare-and-swap and its reads may be a minute old, so it cannot
 * hold sessions. The error names the stores to use instead.
 *
 * @throws PortcullisError `ERR_STORE_NEEDS_SWAP`
 */
export function workersKvStore(_namespace?: unknown): never {
  return rejectStore(
    'Workers KV',
    'on Cloudflare use a Durable Object: durableObjectStore(env.SESSIONS) of portcullis/stores/durable-object, or D1: d1Store(env.DB) of portcullis/stores/d1, or an adapter of your own',
  )
}
