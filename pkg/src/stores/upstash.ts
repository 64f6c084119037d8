import { PortcullisError } from '../core/errors.js'
import { deadline, REVISION_LENGTH, swapByScript } from './redis-script.js'
import type { Store } from './types.js'

/** What is used of `Redis` of @upstash/redis. */
export interface UpstashClient {
  eval(script: string, keys: string[], parameters: string[]): Promise<unknown>
  evalsha(digest: string, keys: string[], parameters: string[]): Promise<unknown>
}

/**
 * A script, though it only reads: Upstash runs scripts where it runs writes, but may answer GET
 * from a replica that lags. And it gives a list, because for a call that was aborted the client
 * makes an answer up: null, or the reason.
 */
const READ = "return { redis.call('GET', KEYS[1]) }"

/**
 * Sessions in Upstash Redis over HTTP, from any runtime that has `fetch`, through a `Redis` of
 * @upstash/redis (1.39). Values are text there: base64, a third longer than the record. So a record
 * of 64 KiB is 88 KiB in the database, and what `redisStore` wrote is not read here, nor the other
 * way round.
 *
 * Must be set up, see docs/stores.md: eviction is off, and the client gives up in time. It sends
 * again what was not answered; a swap is then told as it was (but for a deletion, which may answer
 * `false` to its own repetition; portcullis deletes nothing).
 *
 * @throws PortcullisError `ERR_CONFIG` for anything that is no such client
 */
export function upstashStore(client: UpstashClient): Store {
  if (typeof client?.eval !== 'function' || typeof client.evalsha !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'upstashStore needs a client of @upstash/redis: upstashStore(new Redis({ url, token })).',
    )
  }
  return {
    capabilities: { swap: true },
    async get(key) {
      const answer = await client.eval(READ, [key], []).catch(withoutCommand)
      if (!Array.isArray(answer)) throw new Error('Upstash did not answer.')
      const stored: string | null = answer[0]
      return stored === null
        ? null
        : {
          value: bytesOf(stored.slice(REVISION_LENGTH)),
          revision: stored.slice(0, REVISION_LENGTH),
        }
    },
    swap(key, revision, write) {
      // Drawn once: what is sent again, by us or by the client, is the same write.
      const next = write === null ? '' : crypto.randomUUID() + base64(write.value)
      const parameters = [revision ?? '', next, write === null ? '' : deadline(write.expiresAtMs)]
      return swapByScript((command, script) =>
        client[command === 'EVAL' ? 'eval' : 'evalsha'](script, [key], parameters).catch(
          withoutCommand,
        )
      )
    },
  }
}

/**
 * The client puts the whole command into its messages, and so the keys and records of everybody in
 * the same request.
 */
function withoutCommand(error: unknown): never {
  const [reason, command] = String((error as Error | null)?.message).split(', command was: ')
  throw command === undefined ? error : new Error(reason)
}

/** As many bytes as surely fit the arguments of one call. */
const CHUNK = 8192

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return btoa(text)
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
