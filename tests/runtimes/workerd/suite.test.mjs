// The shared suite in real workerd, on memory and on the Durable Object store.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { durableObjectStore } from 'portcullis/stores/durable-object'
import { memoryStore } from 'portcullis/stores/memory'
import { describe, expect, test } from 'vitest'
import { cases as adapters } from '../../adapters/direct.mjs'
import { cases } from '../../suite/index.mjs'

let spaces = 0

/** Every case gets its own objects. */
function openStore() {
  const space = `space-${(spaces += 1)}:`
  const store = durableObjectStore(env.SESSIONS)
  return {
    capabilities: store.capabilities,
    get: (key) => store.get(space + key),
    swap: (key, ...rest) => store.swap(space + key, ...rest),
  }
}

// Few keys are tested, because every key is an object with its own file.
const objects = {
  name: 'Durable Object',
  open: openStore,
  rounds: env.ROUNDS,
  conformance: { keyCount: 200, contentionRounds: 4 },
}
const runtime = {
  name: 'workerd',
  stores: [objects, { name: 'memory', open: memoryStore }],
  more: adapters,
}

describe('the shared suite', () => {
  for (const { name, run } of cases(runtime)) test(name, run)
})

describe('a Worker', () => {
  test('sessions that are created at global scope serve requests', async () => {
    const signIn = await exports.default.fetch('https://app.example/sign-in', {
      method: 'POST',
      headers: { origin: 'https://app.example' },
    })
    const cookie = signIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
    const answer = await exports.default.fetch('https://app.example/', { headers: { cookie } })
    expect([signIn.status, answer.status, (await answer.json()).subject]).toEqual([
      200,
      200,
      'user-1',
    ])
  })

  test('an object deletes its record after it has expired, and not before', async () => {
    const store = durableObjectStore(env.SESSIONS)
    const stub = env.SESSIONS.get(env.SESSIONS.idFromName('expiry'))
    const write = (expiresAtMs) => ({ value: Uint8Array.of(0, 255), expiresAtMs })
    expect(await store.swap('expiry', null, write(Date.now() + 86_400_000))).toBe(true)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    const entry = await store.get('expiry')
    expect([...entry.value]).toEqual([0, 255])
    expect(await store.swap('expiry', entry.revision, write(Date.now() - 1))).toBe(true)
    expect(await store.swap('expiry', entry.revision, null)).toBe(false)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await store.get('expiry')).toBe(null)
    await runInDurableObject(
      stub,
      async (_, state) => expect(await state.storage.getAlarm()).toBe(null),
    )
  })

  test('an object that was only read stores nothing', async () => {
    const store = durableObjectStore(env.SESSIONS)
    const stub = env.SESSIONS.get(env.SESSIONS.idFromName('asked'))
    const tables = () =>
      runInDurableObject(
        stub,
        (_, state) =>
          state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'record'").toArray()
            .length,
      )
    expect([
      await store.get('asked'),
      await store.swap('asked', 'unknown', null),
      await store.swap('asked', null, null),
      await tables(),
    ]).toEqual([null, false, true, 0])
    expect(
      await store.swap('asked', null, { value: Uint8Array.of(7), expiresAtMs: Date.now() - 1 }),
    ).toBe(true)
    expect([
      await tables(),
      await runDurableObjectAlarm(stub),
      await tables(),
      await store.get('asked'),
    ]).toEqual([1, true, 0, null])
  })

  test('a read and a swap of an object cost as many rows as docs/scaling.md says', async () => {
    const store = durableObjectStore(env.SESSIONS)
    const stub = env.SESSIONS.get(env.SESSIONS.idFromName('charged'))
    const write = { value: new Uint8Array(300), expiresAtMs: Date.now() + 86_400_000 }
    await store.swap('charged', null, write)
    const charged = (run) =>
      runInDurableObject(stub, async (object, { storage: { sql } }) => {
        const cursors = []
        const { exec } = sql
        sql.exec = (...statement) => cursors[cursors.push(exec.apply(sql, statement)) - 1]
        await run(object)
        delete sql.exec
        const sum = (name) => cursors.reduce((all, cursor) => all + cursor[name], 0)
        return [sum('rowsRead'), sum('rowsWritten')]
      })
    const { revision } = await store.get('charged')
    expect(await charged((object) => object.read())).toEqual([1, 0])
    expect(await charged((object) => object.write(revision, write))).toEqual([2, 1])
  })
})
