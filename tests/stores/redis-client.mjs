// These cases run for every Redis client, on Node.js and on Bun. They cover the shared suites, the
// faults, and the particular behaviour of the adapter.
import { Redis } from 'ioredis'
import { redisStore } from 'portcullis/stores/redis'
import { equal, ok } from '../suite/assert.mjs'
import { CuttableProxy, freePort } from './engine.mjs'
import { faults } from './faults.mjs'

/**
 * These are the recommended options of ioredis. A command fails after two seconds, and a connection
 * that is silent for two seconds is closed.
 */
export const IOREDIS = {
  maxRetriesPerRequest: 1,
  commandTimeout: 2000,
  socketTimeout: 2000,
  retryStrategy: (times) => Math.min(times * 50, 500),
}

/**
 * This function makes the stores and cases of one client.
 *
 * @param {{ name: string, server: import('./engine.mjs').Server, rounds: number, resends?: boolean,
 * connect: (port: number) => import('portcullis').Store | Promise<import('portcullis').Store> }}
 * options `rounds` is the number of faults of each kind. `resends` is true if the client repeats a
 * command whose answer was lost.
 */
export async function throughClient({ name, server, connect, rounds, resends = false }) {
  const wire = await CuttableProxy.to(server.port)
  const [store, another, wired] = [
    await connect(server.port),
    await connect(server.port),
    await connect(wire.port),
  ]
  const unreachableClient = async () => connect(await freePort())
  const restart = async () => {
    await server.kill()
    await server.start()
  }
  return {
    stores: [{
      name,
      open: () => store,
      conformance: { openSecondConnection: () => another, unreachable: unreachableClient },
    }],
    cases: [
      {
        name: `a script is sent whole only if Redis lacks it, and a read is one command (${name})`,
        run: () => byDigest(store, server.port),
      },
      {
        name: `a key expires exactly at its deadline (${name})`,
        run: () => goesInTime(store, server.port),
      },
      {
        name: `one client can read and replace what another client wrote (${name})`,
        run: () => exchanges(store, server.port),
      },
      {
        name: `a swap whose answer is lost ${
          resends ? 'is sent again and reports success' : 'throws'
        } (${name})`,
        run: () => losesAnswers(wired, wire, resends ? true : 'threw'),
      },
      {
        name: `a call to a silent server fails in time (${name})`,
        run: () => fallsSilent(wired, wire),
      },
      ...faults({
        name,
        open: () => store,
        rounds,
        hidden: resends,
        disturbances: { 'is killed and started again': restart },
      }),
      ...faults({
        name,
        open: () => wired,
        rounds,
        hidden: resends,
        disturbances: { 'has its connections cut': () => cutSome(wire) },
      }),
    ],
  }
}

async function byDigest(store, port) {
  const key = freshKey()
  await store.get(key)
  await sendCommand(port, 'SCRIPT', 'FLUSH')
  await sendCommand(port, 'CONFIG', 'RESETSTAT')
  equal(await store.swap(key, null, lasting(1)), true, 'the swap that finds no script')
  equal(await store.swap(key, 'another', lasting(2)), false, 'a swap with another revision')
  await sendCommand(port, 'SCRIPT', 'FLUSH')
  equal(
    await store.swap(key, 'another', lasting(2)),
    false,
    'a swap after Redis has lost the script',
  )
  equal((await store.get(key)).value, Uint8Array.of(1), 'the value')
  const calls = Object.fromEntries(
    [...(await sendCommand(port, 'INFO', 'commandstats')).matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
      .map((
        [, command, count],
      ) => [command, Number(count)]),
  )
  // The counts include the commands that the scripts called.
  equal(
    [calls.evalsha, calls.eval, calls.get, calls.getrange, calls.set],
    [3, 2, 1, 3, 1],
    'calls of EVALSHA, EVAL, GET, GETRANGE and SET',
  )
}

async function goesInTime(store, port) {
  const key = freshKey()
  const expiresAtMs = Date.now() + 500
  equal(
    await store.swap(key, null, { value: Uint8Array.of(1), expiresAtMs: expiresAtMs - 0.5 }),
    true,
    'the swap',
  )
  equal(await sendCommand(port, 'PEXPIRETIME', key), expiresAtMs, 'the expiry time in Redis')
  await sleep(expiresAtMs + 50 - Date.now())
  equal(
    [await sendCommand(port, 'EXISTS', key), await store.get(key)],
    [0, null],
    'the remaining value',
  )
  equal(
    await store.swap(key, null, { value: Uint8Array.of(1), expiresAtMs: 0 }),
    true,
    'a swap whose deadline was in 1970',
  )
}

async function exchanges(store, port) {
  const client = new Redis(port, '127.0.0.1', IOREDIS)
  const other = redisStore(client)
  const key = freshKey()
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  let revision = null
  for (const [from, to] of [[store, other], [other, store], [store, other]]) {
    equal(
      await from.swap(key, revision, { value: value.reverse(), expiresAtMs: Date.now() + 60_000 }),
      true,
      'the swap of one client',
    )
    const entry = await to.get(key)
    equal(entry.value, value, 'the value that the other client reads')
    revision = entry.revision
  }
  client.disconnect()
}

export async function losesAnswers(store, wire, outcome) {
  const key = freshKey()
  equal(await retryUntilDeadline(() => store.swap(key, null, lasting(1))), true, 'the first swap')
  for (const byte of [2, 3, 4]) {
    const { revision } = await retryUntilDeadline(() => store.get(key))
    wire.loseAnswer()
    equal(
      await store.swap(key, revision, lasting(byte)).catch(() => 'threw'),
      outcome,
      'the swap whose answer is lost',
    )
    equal((await retryUntilDeadline(() => store.get(key))).value, Uint8Array.of(byte), 'the value')
  }
}

/**
 * The calls start one after the other, because in some clients each new command delays the timeout
 * of earlier commands.
 */
export async function fallsSilent(store, wire) {
  await retryUntilDeadline(() => store.get(freshKey()))
  wire.hush()
  const calls = Array.from({ length: 8 }, (_, n) =>
    sleep(n * 300).then(async () => {
      const startedAt = performance.now()
      const answer =
        await (n % 2 === 0 ? store.get(freshKey()) : store.swap(freshKey(), null, lasting(1)))
          .catch(() => 'threw')
      return [answer, performance.now() - startedAt < 3000]
    }))
  const answers = await Promise.all(calls)
  wire.mend()
  equal(
    answers,
    calls.map(() => ['threw', true]),
    'the results of the calls, each within 3 seconds',
  )
  equal(
    await retryUntilDeadline(() => store.get(freshKey())),
    null,
    'a read when the server answers again',
  )
}

/** This function waits for a connection to cut, because a client may be connecting just now. */
export async function cutSome(wire) {
  for (let left = 5000; wire.cut() === 0; left -= 1) {
    ok(left > 0, 'a connection to cut')
    await sleep(1)
  }
}

/** This function sends one command on a separate connection. */
export async function sendCommand(port, ...command) {
  const redis = new Redis(port, '127.0.0.1', IOREDIS)
  return redis.call(...command).finally(() => redis.disconnect())
}

/** This function repeats a call until the client has connected again. */
async function retryUntilDeadline(call) {
  for (let left = 100;; left -= 1) {
    try {
      return await call()
    } catch (error) {
      if (left === 0) throw error
    }
    await sleep(50)
  }
}

export const freshKey = () => `pc1_${crypto.randomUUID().replaceAll('-', '').slice(0, 22)}`
export const lasting = (byte) => ({
  value: Uint8Array.of(byte),
  expiresAtMs: Date.now() + 86_400_000,
})
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
