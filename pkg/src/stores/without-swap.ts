import { PortcullisError } from '../core/errors.js'

/** The way out where any database may lie below. */
export const USE_UNDERLYING_DATABASE =
  'Use the database below it by its own store: portcullis/stores/sqlite, /postgres, /redis, /upstash, /dynamodb, /deno-kv, /d1, portcullis/stores/durable-object, or an adapter of your own (get and swap)'

export function rejectStore(what: string, wayOut: string): never {
  throw new PortcullisError(
    'ERR_STORE_NEEDS_SWAP',
    `${what} cannot swap a value only if it is unchanged, so a refresh could bring back a session that was signed out at the same moment. ${wayOut}.`,
  )
}
