import { PortcullisError } from '../core/errors.js'
import { deadline, REVISION_LENGTH, swapByScript } from './redis-script.js'
import type { Store } from './types.js'

/** The part of a `Redis` client of @upstash/redis that the store uses. */
export interface UpstashClient {
  eval(script: string, keys: string[], parameters: string[]): Promise<unknown>
  evalsha(digest: string, keys: string[], parameters: string[]): Promise<unknown>
}

/**
 * Reads a key by a script, because Upstash runs scripts on the primary but may serve GET from a
 * replica that lags behind. The script returns a list, because the client returns `null` or a
 * reason for an aborted call.
 */
const READ = "return { redis.call('GET', KEYS[1]) }"

/**
 * Creates a store that keeps sessions in Upstash Redis over HTTP, on any runtime that has `fetch`,
 * through a `Redis` client of @upstash/redis (1.39). Values are base64, a third longer than the
 * record: a record of 64 KiB takes 88 KiB. This store and `redisStore` cannot read each other's
 * values.
 *
 * Configuration is required, see docs/stores.md: the database must not evict keys, and the client
 * must have a timeout. A swap that the client repeats after a lost response returns the result of
 * the first attempt. A repeated deletion may return `false`, but portcullis deletes nothing.
 *
 * @example
 *
 * ```js
 * const store = upstashStore(new Redis({ url, token }))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an unsupported client
 */
export function upstashStore(client: UpstashClient): Store {
  if (typeof client?.eval !== 'function' || typeof client.evalsha !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Unsupported client for upstashStore: pass new Redis({ url, token }) of @upstash/redis.',
    )
  }
  return {
    capabilities: { swap: true },
    async get(key) {
      const answer = await client.eval(READ, [key], []).catch(withoutCommand)
      if (!Array.isArray(answer)) throw new Error('No response from Upstash: retry shortly.')
      const stored: string | null = answer[0]
      return stored === null
        ? null
        : {
          value: bytesOf(stored.slice(REVISION_LENGTH)),
          revision: stored.slice(0, REVISION_LENGTH),
        }
    },
    swap(key, revision, write) {
      // Made once, so that every repetition sends the identical write.
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
 * Rethrows an error without the command. The client puts the whole command into its messages, which
 * would expose the keys and records of all subjects in the same request.
 */
function withoutCommand(error: unknown): never {
  const [reason, command] = String((error as Error | null)?.message).split(', command was: ')
  throw command === undefined ? error : new Error(reason)
}

/**
 * The number of bytes that are passed as arguments of one call. Engines limit the number of
 * arguments.
 */
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
