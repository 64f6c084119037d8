// Redis, from the distribution: redis-server on a loopback port, with every write on disk before it
// is acknowledged, through ioredis and node-redis; and a cluster. Bun's own client: redis-bun.mjs.
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

/** A server alone, for the suite and for the benchmark. */
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
 * For a server that is to be killed: it takes its time to load and says so meanwhile, as one with
 * more data does.
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
    name: 'redisStore refuses what is no client of Redis',
    async run() {
      for (const bad of [undefined, null, 'redis://localhost', {}, { get() {}, set() {} }]) {
        await throwsCode('ERR_CONFIG', () => redisStore(bad))
      }
    },
  },
]

/** Opens stores, each on a client of its own. How to close them is put into `clients`. */
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
    /** Where nobody listens it goes on trying; meanwhile commands fail. */
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
 * node-redis as we recommend it, in `withTimeout`: its own time-outs end when a command is sent, or
 * are put off by the next.
 */
const NODE_REDIS = {
  disableOfflineQueue: true,
  pingInterval: 1000,
  socket: { socketTimeout: 2000, reconnectStrategy: (times) => Math.min(times * 50, 500) },
}
