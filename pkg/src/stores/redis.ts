import { PortcullisError } from '../core/errors.js'
import { deadline, REVISION_LENGTH, swapByScript } from './redis-script.js'
import type { Store } from './types.js'

/** What is used of ioredis: a `Redis` or a `Cluster`. */
export interface IoredisClient {
  getBuffer(key: string): Promise<Uint8Array | null>
  // Overloads of keys, arguments and callbacks: we pass strings and one Buffer.
  evalsha(...parameters: unknown[]): Promise<unknown>
  eval(...parameters: unknown[]): Promise<unknown>
}

/**
 * What is used of node-redis: what `createClient`, `createClientPool`, `createCluster` or
 * `createSentinel` give.
 */
export interface NodeRedisClient {
  // Its types follow from the mapping; with ours, `get` gives a Buffer.
  withTypeMapping(mapping: unknown): { get(key: string): Promise<unknown> }
  evalSha(digest: string, options: unknown): Promise<unknown>
  eval(script: string, options: unknown): Promise<unknown>
}

/** What is used of Bun's own `RedisClient`. */
export interface BunRedisClient {
  getBuffer(key: string): Promise<Uint8Array | null>
  // Typed as strings there, but it takes bytes.
  send(command: string, parameters: unknown[]): Promise<unknown>
}

/** Any of the clients. */
export type RedisClient = IoredisClient | NodeRedisClient | BunRedisClient

/**
 * Sessions in Redis 6.2 or newer, through a client of ioredis (6), node-redis (6) or Bun (1.4). A
 * read is one GET and a write one script, both of one key: Redis Cluster will do. The key expires
 * at the session's own deadline.
 *
 * Must be set up, see docs/stores.md: the client reads from no replica and gives up in time; the
 * server evicts nothing (`maxmemory-policy noeviction`) and writes to disk before it acknowledges
 * (`appendonly yes`, `appendfsync always`), or else a crash may bring back sessions that were
 * signed out.
 *
 * A swap that the client sends again after a lost answer is told as it was. Only a deletion is not:
 * it may answer `false` to its own repetition. Portcullis deletes nothing.
 *
 * @throws PortcullisError `ERR_CONFIG` for anything that is no such client
 */
export function redisStore(client: RedisClient): Store {
  const { read, run } = commandsOf(client)
  return {
    capabilities: { swap: true },
    async get(key) {
      const stored = await read(key)
      if (stored === null) return null
      // Copied: clients give parts of the buffer that they received into.
      return {
        value: new Uint8Array(stored.subarray(REVISION_LENGTH)),
        revision: new TextDecoder().decode(stored.subarray(0, REVISION_LENGTH)),
      }
    },
    swap(key, revision, write) {
      // Drawn once: what is sent again, by us or by the client, is the same write.
      const next = write === null
        ? ''
        : Buffer.concat([Buffer.from(crypto.randomUUID()), write.value])
      const parameters = [revision ?? '', next, write === null ? '' : deadline(write.expiresAtMs)]
      return swapByScript((command, script) => run(command, script, key, parameters))
    },
  }
}

// Every one of these clients has it, and takes no other bytes.
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

/** The type of a bulk string in the protocol, `$`, by which node-redis is told to give bytes. */
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
    "redisStore needs a client of ioredis, node-redis (package redis) or Bun's RedisClient: redisStore(new Redis(url)). For @upstash/redis there is upstashStore of portcullis/stores/upstash.",
  )
}
