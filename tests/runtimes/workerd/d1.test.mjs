// The suite of the stores on D1 in real workerd, and the calls that the store makes of a D1
// binding.
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { d1Store } from 'portcullis/stores/d1'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { sweepsByChance } from '../../suite/cases/expired-records.mjs'
import { onStore } from '../../suite/index.mjs'

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS))
afterEach(() => vi.restoreAllMocks())

/** Calls of D1 pass through a proxy, so fewer rounds run here than elsewhere. */
const store = {
  name: 'D1',
  open: () => d1Store(env.DB),
  rounds: 100,
  conformance: {
    keyCount: 200,
    openSecondConnection: () => d1Store(env.DB),
    openUnreachableStore: () => d1Store(env.BARE_DB),
  },
}
const write = (byte) => ({ value: Uint8Array.of(byte), expiresAtMs: Date.now() + 86_400_000 })

describe('the suite of the stores', () => {
  for (const { name, run } of onStore({ name: 'workerd', stores: [store] }, store)) test(name, run)
})

describe('the D1 store', () => {
  test('deletes expired values at a write, and no others', async () => {
    await env.DB.exec('DELETE FROM portcullis')
    await sweepsByChance(
      () => d1Store(env.DB),
      () => env.DB.prepare('SELECT count(*) AS n FROM portcullis').first('n'),
    )
  })

  test('always reads from the primary: each call is the first of a session', async () => {
    // One write in 100 also deletes expired rows in a session of its own, which this value
    // prevents.
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const { database, sessions } = watched(env.DB)
    const one = d1Store(database)
    expect(await one.swap('pc1_primary', null, write(1))).toBe(true)
    const { revision } = await one.get('pc1_primary')
    expect([
      await one.swap('pc1_primary', revision, null),
      await one.swap('pc1_primary', null, null),
    ]).toEqual([true, true])
    expect(sessions).toEqual(Array(4).fill({ constraint: 'first-primary', queries: 1 }))
  })

  test('a write that is sent to D1 twice is applied once and reports success', async () => {
    const twice = d1Store(watched(env.DB, 2).database)
    expect(await twice.swap('pc1_twice', null, write(1))).toBe(true)
    const { value, revision } = await twice.get('pc1_twice')
    expect([...value]).toEqual([1])
    expect(await twice.swap('pc1_twice', revision, write(2))).toBe(true)
    expect([
      await twice.swap('pc1_twice', revision, write(3)),
      await twice.swap('pc1_twice', null, write(3)),
    ]).toEqual([false, false])
    expect([...(await twice.get('pc1_twice')).value]).toEqual([2])
  })
})

/**
 * Wraps a database. The result lists the constraint and the number of queries of each session.
 * Every statement that writes is run `times` times.
 */
function watched(inner, times = 1) {
  const sessions = []
  const withSession = (constraint) => {
    const session = { constraint, queries: 0 }
    sessions.push(session)
    const real = inner.withSession(constraint)
    const setUp = (sql) => ({
      bind: (...values) => ({
        all: () => ask(sql, values, 'all', 1),
        run: () => ask(sql, values, 'run', times),
      }),
    })
    const ask = async (sql, values, verb, times) => {
      session.queries += 1
      let answer
      for (let n = 0; n < times; n += 1) answer = await real.prepare(sql).bind(...values)[verb]()
      return answer
    }
    return { prepare: setUp }
  }
  return { database: { withSession }, sessions }
}
