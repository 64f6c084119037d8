// These cases use the client @upstash/redis. A small local server speaks the REST protocol of
// Upstash in front of a real Redis.
import { Redis } from '@upstash/redis'
import { upstashStore } from 'portcullis/stores/upstash'
import { equal, ok, throwsCode } from '../suite/assert.mjs'
import { freePort } from './engine.mjs'
import { faults } from './faults.mjs'
import {
  cutSome,
  fallsSilent,
  freshKey,
  lasting,
  losesAnswers,
  sendCommand,
} from './redis-client.mjs'
import { redisServer, redisVersion, SLOW_START } from './redis.mjs'
import { UpstashServer } from './upstash-server.mjs'

const TOKEN = 'token-of-the-test'

/** The recommended options allow three attempts and two seconds in total. */
const RECOMMENDED = { retry: { retries: 2 }, signal: () => AbortSignal.timeout(2000) }
/** Many users and faults need more time, because client, server and database share one machine. */
const PATIENT = { signal: () => AbortSignal.timeout(20_000) }
const connect = (port, options) =>
  new Redis({
    url: `http://127.0.0.1:${port}`,
    token: TOKEN,
    enableTelemetry: false,
    ...RECOMMENDED,
    ...options,
  })

export async function upstash() {
  const redis = await redisServer({ more: SLOW_START })
  const server = await UpstashServer.start({ redisPort: redis.port, token: TOKEN })
  const open = (options) => upstashStore(connect(server.port, options))
  const store = open(PATIENT)
  const options = {
    openSecondConnection: () => open(PATIENT),
    openUnreachableStore: async () => upstashStore(connect(await freePort())),
  }
  const plain = {
    ...PATIENT,
    automaticDeserialization: false,
    enableAutoPipelining: false,
    responseEncoding: false,
  }
  return {
    version: `@upstash/redis before ${redisVersion()}`,
    stores: [
      { name: 'Upstash', open: () => store, conformance: options },
      {
        name: 'Upstash without the automatic features of its client',
        open: () => open(plain),
        conformance: options,
      },
    ],
    cases: [...own({ server, redis, open }), ...faulty({ server, redis })],
    async stop() {
      await server.stop()
      await redis.stop()
    },
  }
}

function own({ server, redis, open }) {
  return [
    {
      name:
        'the store sends only scripts, because Upstash may answer reads from a replica that lags',
      async run() {
        const store = open()
        const key = freshKey()
        await sendCommand(redis.port, 'SCRIPT', 'FLUSH')
        server.commands.length = 0
        equal(
          [
            await store.get(key),
            await store.swap(key, null, lasting(1)),
            await store.swap(key, null, lasting(1)),
          ],
          [null, true, false],
          'answers',
        )
        equal(server.commands, ['eval', 'evalsha', 'eval', 'evalsha'], 'commands')
      },
    },
    {
      name: 'a key in Upstash expires at its deadline',
      async run() {
        const key = freshKey()
        const expiresAtMs = Date.now() + 86_400_000
        equal(
          await open().swap(key, null, { value: Uint8Array.of(1), expiresAtMs }),
          true,
          'the swap',
        )
        equal(
          await sendCommand(redis.port, 'PEXPIRETIME', key),
          expiresAtMs,
          'the expiry time in Redis',
        )
      },
    },
    {
      name: 'an error of Upstash contains neither the key nor the record',
      async run() {
        const key = freshKey()
        for (const enableAutoPipelining of [true, false]) {
          const store = open({ token: 'another', enableAutoPipelining })
          for (const verb of [() => store.get(key), () => store.swap(key, null, lasting(1))]) {
            const error = await verb().then(() => ok(false, 'an error'), (thrown) => thrown)
            ok(
              /WRONGPASS/.test(error.message) && !error.message.includes(key),
              `the message of Upstash without the command: ${error.message}`,
            )
          }
        }
      },
    },
    {
      name: 'an aborted call to Upstash throws, although the client invents an answer',
      async run() {
        for (const reason of [undefined, null, '', 'Aborted', new Error('gone')]) {
          for (const enableAutoPipelining of [true, false]) {
            const store = open({ signal: AbortSignal.abort(reason), enableAutoPipelining })
            const answers = await Promise.all(
              [store.get(freshKey()), store.swap(freshKey(), null, lasting(1))].map((answer) =>
                answer.catch(() => 'threw')
              ),
            )
            equal(answers, ['threw', 'threw'], `get and swap that were aborted with ${reason}`)
          }
        }
      },
    },
    {
      name: 'upstashStore rejects a value that is not an Upstash client',
      async run() {
        for (
          const bad of [undefined, null, 'https://x.upstash.io', {
            url: 'https://x.upstash.io',
            token: TOKEN,
          }]
        ) await throwsCode('ERR_CONFIG', () => upstashStore(bad))
      },
    },
  ]
}

function faulty({ server, redis }) {
  const name = 'Upstash'
  const quick = upstashStore(connect(server.wire.port))
  const wired = upstashStore(connect(server.wire.port, PATIENT))
  const restart = async () => {
    await redis.kill()
    await redis.start()
  }
  return [
    {
      name: 'a swap whose answer is lost is sent again and reports success (Upstash)',
      run: () => losesAnswers(wired, server.wire, true),
    },
    {
      name: 'a call to a silent server fails in time (Upstash)',
      run: () => fallsSilent(quick, server.wire),
    },
    ...faults({
      name,
      open: () => wired,
      rounds: 5,
      disturbances: { 'is killed and started again': restart },
    }),
    ...faults({
      name,
      open: () => wired,
      rounds: 5,
      hidden: true,
      disturbances: { 'has its connections cut': () => cutSome(server.wire) },
    }),
  ]
}
