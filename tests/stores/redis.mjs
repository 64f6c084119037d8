// These cases use the redis-server of the distribution, which writes every change to disk before
// the answer. The clients are ioredis and node-redis, each with a single server and with a cluster.
// redis-bun.mjs tests the client of Bun.
import { Cluster, Redis } from 'ioredis'
import { execFileSync } from 'node:child_process'
import { redisStore } from 'portcullis/stores/redis'
import { withTimeout } from 'portcullis/stores/wrappers'
import { createClient, createCluster } from 'redis'
import { throwsCode } from '../suite/assert.mjs'
import { freePort, MissingEngine, program, Server } from './engine.mjs'
import { IOREDIS, throughClient } from './redis-client.mjs'
import { redisCluster } from './redis-cluster.mjs'

const FOLDERS = ['/usr/sbin', '/usr/local/sbin']

/** This function starts one server for the suite and the benchmark. */
export function redisServer({ more = [] } = {}) {
  const found = program('redis-server', FOLDERS)
  if (found === undefined) {
    throw new MissingEngine(
      'redis-server',
      'Install it, on Debian or Ubuntu with: apt-get install redis-server',
    )
  }
  const args = (
    { port, folder },
  ) => [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--loglevel',
    'warning',
    ...more,
  ]
  return Server.start({ name: 'redis', program: found, args })
}

export function redisVersion() {
  return `Redis ${
    /v=(\S+)/.exec(
      execFileSync(program('redis-server', FOLDERS), ['--version'], { encoding: 'utf8' }),
    )?.[1]
  }`
}

/**
 * These arguments make a restarted server load slowly and answer that it is loading, as a server
 * with more data does.
 */
export const SLOW_START = [
  '--key-load-delay',
  '-50',
  '--loading-process-events-interval-bytes',
  '65536',
]

export async function redis() {
  const server = await redisServer({ more: SLOW_START })
  const cluster = await redisCluster((more) => redisServer({ more }))
  const clients = []
  const stores = connectors(clients)
  const ioredis = await throughClient({
    name: 'Redis by ioredis',
    server,
    connect: stores.ioredis,
    rounds: 50,
    resends: true,
  })
  const nodeRedis = await throughClient({
    name: 'Redis by node-redis',
    server,
    connect: stores.nodeRedis,
    rounds: 5,
  })
  const { ioredisCluster, nodeRedisCluster } = stores
  const clustered = [
    await onCluster('ioredis', ioredisCluster, cluster.port, {
      openUnreachableStore: async () => ioredisCluster(await freePort()),
    }),
    await onCluster('node-redis', nodeRedisCluster, cluster.port),
  ]
  return {
    version: redisVersion(),
    stores: [...ioredis.stores, ...nodeRedis.stores, ...clustered],
    cases: [...ioredis.cases, ...nodeRedis.cases, ...refusals],
    async stop() {
      for (const close of clients) close()
      await Promise.all([server.stop(), cluster.stop()])
    },
  }
}

async function onCluster(name, connect, port, more) {
  const [store, another] = [await connect(port), await connect(port)]
  return {
    name: `Redis Cluster by ${name}`,
    open: () => store,
    conformance: { openSecondConnection: () => another, ...more },
  }
}

const refusals = [
  {
    name: 'redisStore rejects a value that is not a Redis client',
    async run() {
      for (const bad of [undefined, null, 'redis://localhost', {}, { get() {}, set() {} }]) {
        await throwsCode('ERR_CONFIG', () => redisStore(bad))
      }
    },
  },
]

/** Each store has its own client. `clients` collects the functions that close them. */
function connectors(clients) {
  const kept = (client, close) => {
    client.on('error', () => {})
    clients.push(close)
    return redisStore(client)
  }
  return {
    ioredis(port) {
      const client = new Redis(port, '127.0.0.1', IOREDIS)
      return kept(client, () => client.disconnect())
    },
    ioredisCluster(port) {
      const client = new Cluster([{ host: '127.0.0.1', port }], { redisOptions: IOREDIS })
      return withTimeout(kept(client, () => client.disconnect()), 2000)
    },
    /** If no server listens, the client keeps trying to connect, and commands fail. */
    async nodeRedis(port) {
      const client = createClient({ ...NODE_REDIS, url: `redis://127.0.0.1:${port}` })
      const store = withTimeout(kept(client, () => client.destroy()), 2000)
      await Promise.race([
        client.connect(),
        new Promise((resolve) => client.once('error', resolve)),
      ])
      return store
    },
    async nodeRedisCluster(port) {
      const client = createCluster({
        rootNodes: [{ url: `redis://127.0.0.1:${port}` }],
        defaults: NODE_REDIS,
      })
      const store = withTimeout(kept(client, () => client.destroy()), 2000)
      await client.connect()
      return store
    },
  }
}

/**
 * These are the recommended options of node-redis. The store also needs `withTimeout`, because the
 * timeouts of node-redis end when a command is sent, or are delayed by the next command.
 */
const NODE_REDIS = {
  disableOfflineQueue: true,
  pingInterval: 1000,
  socket: { socketTimeout: 2000, reconnectStrategy: (times) => Math.min(times * 50, 500) },
}
