import { PortcullisError } from '../core/errors.js'
import { deadline, REVISION_LENGTH, swapByScript } from './redis-script.js'
import type { Store } from './types.js'

/** The part of a `Redis` or `Cluster` of ioredis that the store uses. */
export interface IoredisClient {
  getBuffer(key: string): Promise<Uint8Array | null>
  // ioredis overloads these for keys, arguments and callbacks. The store passes strings and one
  // Buffer.
  evalsha(...parameters: unknown[]): Promise<unknown>
  eval(...parameters: unknown[]): Promise<unknown>
}

/**
 * The part of a node-redis client that the store uses: that of `createClient`, `createClientPool`,
 * `createCluster` or `createSentinel`.
 */
export interface NodeRedisClient {
  // The result type follows from the mapping. With the store's mapping, `get` returns a Buffer.
  withTypeMapping(mapping: unknown): { get(key: string): Promise<unknown> }
  evalSha(digest: string, options: unknown): Promise<unknown>
  eval(script: string, options: unknown): Promise<unknown>
}

/** The part of Bun's `RedisClient` that the store uses. */
export interface BunRedisClient {
  getBuffer(key: string): Promise<Uint8Array | null>
  // Bun declares the parameters as strings, but accepts bytes.
  send(command: string, parameters: unknown[]): Promise<unknown>
}

/** A client of ioredis, node-redis or Bun. */
export type RedisClient = IoredisClient | NodeRedisClient | BunRedisClient

/**
 * Creates a store that keeps sessions in Redis 6.2 or newer, through a client of ioredis (6),
 * node-redis (6) or Bun (1.4). A read is one GET and a write is one script, each of one key, so
 * Redis Cluster is supported. The key expires together with its record.
 *
 * Configuration is required, see docs/stores.md. The client must not read from replicas and must
 * have a timeout. The server must not evict keys (`maxmemory-policy noeviction`) and must write to
 * disk before it acknowledges (`appendonly yes`, `appendfsync always`): otherwise a crash may
 * restore sessions that were revoked.
 *
 * A swap that the client repeats after a lost response returns the result of the first attempt. A
 * repeated deletion may return `false`, but portcullis deletes nothing.
 *
 * @example
 *
 * ```js
 * const store = redisStore(new Redis('redis://localhost'))
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an unsupported client
 */
export function redisStore(client: RedisClient): Store {
  const { read, run } = commandsOf(client)
  return {
    capabilities: { swap: true },
    async get(key) {
      const stored = await read(key)
      if (stored === null) return null
      // Copied, because clients return a view into their receive buffer.
      return {
        value: new Uint8Array(stored.subarray(REVISION_LENGTH)),
        revision: new TextDecoder().decode(stored.subarray(0, REVISION_LENGTH)),
      }
    },
    swap(key, revision, write) {
      // Made once, so that every repetition sends the identical write.
      const next = write === null
        ? ''
        : Buffer.concat([Buffer.from(crypto.randomUUID()), write.value])
      const parameters = [revision ?? '', next, write === null ? '' : deadline(write.expiresAtMs)]
      return swapByScript((command, script) => run(command, script, key, parameters))
    },
  }
}

// All supported clients depend on Buffer, and accept no other type of bytes.
declare const Buffer: { from(text: string): Uint8Array; concat(parts: Uint8Array[]): Uint8Array }

interface Commands {
  read(key: string): Promise<Uint8Array | null>
  run(
    command: 'EVALSHA' | 'EVAL',
    script: string,
    key: string,
    parameters: (string | Uint8Array)[],
  ): Promise<unknown>
}

/**
 * The type byte of a bulk string in the protocol (`$`), for which node-redis is configured to
 * return bytes.
 */
const BULK_STRING = 36

function commandsOf(client: RedisClient): Commands {
  if (typeof client === 'object' && client !== null) {
    if ('withTypeMapping' in client) {
      const bytes = client.withTypeMapping({ [BULK_STRING]: Buffer })
      return {
        read: async (key) => (await bytes.get(key)) as Uint8Array | null,
        run: (command, script, key, parameters) =>
          client[command === 'EVAL' ? 'eval' : 'evalSha'](script, {
            keys: [key],
            arguments: parameters,
          }),
      }
    }
    if ('getBuffer' in client) {
      return {
        read: (key) => client.getBuffer(key),
        run: (command, script, key, parameters) => ('send' in client
          ? client.send(command, [script, '1', key, ...parameters])
          : client[command === 'EVAL' ? 'eval' : 'evalsha'](script, 1, key, ...parameters)),
      }
    }
  }
  throw new PortcullisError(
    'ERR_CONFIG',
    "Unsupported client for redisStore: pass one of ioredis, node-redis (package redis) or Bun's RedisClient. For @upstash/redis use upstashStore of portcullis/stores/upstash.",
  )
}
