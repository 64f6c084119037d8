// Stores that wrap another store. Each keeps the contract, and handles the failures of the inner
// store as documented.
import { memoryStore } from 'portcullis/stores/memory'
import { withMetrics, withPrefix, withRetry, withTimeout } from 'portcullis/stores/wrappers'
import { equal, ok, throwsCode } from '../assert.mjs'
import { createScriptedStore } from '../scripted-store.mjs'
import { createSignedInBrowser } from '../support.mjs'
import { verdict } from './conformance.mjs'

const createSilentStore = () => {}
const WRAPPERS = {
  withTimeout: (store) => withTimeout(store, 5000),
  withRetry: (store) => withRetry(store),
  withMetrics: (store) => withMetrics(store, createSilentStore),
  withPrefix: (store) => withPrefix(store, 'app1_'),
  'all of them': (store) =>
    withMetrics(withRetry(withTimeout(withPrefix(store, 'app1:'), 5000)), createSilentStore),
}
const write = (byte = 7) => ({ value: Uint8Array.of(byte), expiresAtMs: Date.now() + 60_000 })
const threw = async (run) => run().then(() => null, (error) => error)
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const quick = { delayMs: 0 }

export const cases = [
  ...Object.entries(WRAPPERS).map(([name, wrap]) => ({
    name: `a store in ${name} fulfils the contract`,
    async run(world) {
      equal(
        await verdict({ openStore: () => wrap(memoryStore()) }),
        [],
        'the findings of the conformance suite',
      )
      equal(wrap(memoryStore()).capabilities, { swap: true }, 'capabilities')
      ok(
        !('capabilities' in wrap({ get: createSilentStore, swap: createSilentStore })),
        'no capabilities if the inner store has none',
      )
      const { sessions, browser, session } = await createSignedInBrowser(world, {
        store: wrap(world.openStore()),
      })
      equal([(await sessions.refresh(browser.request())).ok, await sessions.revoke(session.id)], [
        true,
        true,
      ], 'a refresh and a revocation')
    },
  })),
  {
    name: 'a wrapper rejects a store that cannot swap',
    async run() {
      for (const wrap of Object.values(WRAPPERS)) {
        await throwsCode('ERR_STORE_NEEDS_SWAP', () => wrap({ get: createSilentStore }))
        await throwsCode(
          'ERR_STORE_NEEDS_SWAP',
          () => wrap({ ...memoryStore(), capabilities: { swap: false } }),
        )
        await throwsCode('ERR_CONFIG', () => wrap(undefined))
      }
    },
  },
  {
    name: 'the options of a wrapper have ranges',
    async run() {
      const store = memoryStore()
      for (const ms of [0, -1, 0.5, NaN, Infinity, 2 ** 31, '500', undefined]) {
        await throwsCode('ERR_CONFIG', () => withTimeout(store, ms))
      }
      for (
        const options of [{ attempts: 0 }, { attempts: 11 }, { attempts: 1.5 }, { delayMs: -1 }, {
          delayMs: 10_001,
        }]
      ) await throwsCode('ERR_CONFIG', () => withRetry(store, options))
      for (const prefix of ['', 'a b', 'ä', 'a'.repeat(65), 'a\n', undefined, 7]) {
        await throwsCode('ERR_CONFIG', () => withPrefix(store, prefix))
      }
      await throwsCode('ERR_CONFIG', () => withMetrics(store))
    },
  },
  {
    name: 'withTimeout ends a call that hangs, and a late answer has no effect',
    async run(world) {
      const inner = createScriptedStore(memoryStore())
      const store = withTimeout(inner, 20)
      const letGo = inner.hold('get')
      const error = await throwsCode('ERR_STORE_UNAVAILABLE', () => store.get('k'))
      equal(error.status, 503, 'status')
      ;(await letGo)()
      // The wrapper has given up a swap, which is applied all the same. The late error must not be
      // an unhandled rejection.
      const answer = inner.holdAnswer('swap')
      await throwsCode('ERR_STORE_UNAVAILABLE', () => store.swap('k', null, write()))
      ;(await answer)()
      equal((await store.get('k')).value[0], 7, 'the value that was written')
      const rejecting = withTimeout({
        get: () =>
          pause(30).then(() => {
            throw new Error('late')
          }),
        swap: () => true,
      }, 10)
      await throwsCode('ERR_STORE_UNAVAILABLE', () => rejecting.get('k'))
      await pause(40)
      const failing = withTimeout({
        get: () => {
          throw new Error('refused')
        },
        swap: () => true,
      }, 1000)
      equal((await threw(() => failing.get('k'))).message, 'refused', 'an error within the timeout')
      const { sessions, browser } = await createSignedInBrowser(world, { store })
      const held = inner.hold('get')
      await throwsCode('ERR_STORE_UNAVAILABLE', () => sessions.refresh(browser.request()))
      ;(await held)()
      equal((await sessions.refresh(browser.request())).ok, true, 'afterwards')
    },
  },
  {
    name: 'withRetry repeats a read until the store answers or no attempt is left',
    async run() {
      const inner = createScriptedStore(memoryStore())
      const store = withRetry(inner, { attempts: 3, ...quick })
      await store.swap('k', null, write())
      inner.drop('get')
      inner.drop('get')
      inner.calls.get = 0
      equal([(await store.get('k')).value[0], inner.calls.get], [7, 3], 'the value, and calls')
      inner.fail('get', 'swap')
      equal([(await threw(() => store.get('k'))).message, inner.calls.get], [
        'the store is down',
        6,
      ], 'the error, and calls')
      inner.calls.swap = 0
      equal([(await threw(() => store.swap('k', null, write()))).message, inner.calls.swap], [
        'the store is down',
        3,
      ], 'the error of a swap, and calls')
    },
  },
  {
    name: 'withRetry repeats a swap, and gives true only if it landed and false only if it did not',
    async run() {
      const down = () => {
        throw new Error('connection refused')
      }
      const inner = createScriptedStore(memoryStore())
      const store = withRetry(inner, quick)
      const first = { get: inner.faults.get, swap: inner.faults.swap }
      const once = (fault) => {
        inner.faults.swap = (real, key) => {
          inner.faults.swap = first.swap
          return fault(real, key)
        }
      }
      // The first attempt never reaches the store. The second attempt is applied.
      once(down)
      equal(
        await store.swap('k', null, write(1)),
        true,
        'a swap that is applied at the second attempt',
      )
      // The write is applied and its answer is lost. The repeated swap finds its own write.
      const { revision } = await store.get('k')
      inner.drop('swap')
      equal(
        (await threw(() => store.swap('k', revision, write(2)))).message,
        'the answer was lost',
        'the error of the first attempt',
      )
      equal((await store.get('k')).value[0], 2, 'the value that was written')
      // The attempt never reaches the store, and another write is applied first. The wrapper cannot
      // distinguish this case from the one before.
      once(async () => {
        await inner.swap('k', (await inner.get('k')).revision, write(3))
        down()
      })
      const { revision: second } = await store.get('k')
      equal(
        (await threw(() => store.swap('k', second, write(4)))).message,
        'connection refused',
        'the error of the first attempt',
      )
      equal((await store.get('k')).value[0], 3, 'the value of the other write')
      // The result false without an error is final, and is not repeated.
      inner.calls.swap = 0
      equal(
        [await store.swap('k', second, write(5)), inner.calls.swap],
        [false, 1],
        'a conflict, and calls',
      )
    },
  },
  {
    name: 'withRetry does not apply a change twice if its answer was lost, but throws',
    async run(world) {
      const inner = createScriptedStore(world.openStore())
      const { sessions, session } = await createSignedInBrowser(world, {
        store: withRetry(inner, quick),
      }, {
        subject: 'user-1',
        data: 0,
      })
      inner.drop('swap')
      await throwsCode('ERR_STORE_UNAVAILABLE', () => sessions.update(session.id, (n) => n + 1))
      equal((await sessions.list('user-1'))[0].data, 1, 'counted once')
      inner.drop('get')
      equal(
        (await sessions.update(session.id, (n) => n + 1)).data,
        2,
        'the next update, although a read failed',
      )
    },
  },
  {
    name: 'withMetrics reports every call, and a failing hook fails no call',
    async run() {
      const told = []
      const inner = createScriptedStore(memoryStore())
      const store = withMetrics(inner, (metric) => told.push(metric))
      await store.get('k')
      await store.swap('k', null, write())
      await store.swap('k', null, write())
      await store.get('k')
      inner.fail('get', 'swap')
      await threw(() => store.get('k'))
      await threw(() => store.swap('k', null, write()))
      equal(told.map(({ operation, outcome }) => `${operation} ${outcome}`), [
        'get missing',
        'swap swapped',
        'swap conflict',
        'get found',
        'get failed',
        'swap failed',
      ], 'the metrics')
      ok(told.every(({ durationMs }) => Number.isFinite(durationMs) && durationMs >= 0), 'times')
      equal([told[4].error.message, 'error' in told[0]], ['the store is down', false], 'errors')
      ok(!JSON.stringify(told).includes('"k"'), 'no key in the metrics')
      for (
        const hook of [() => {
          throw new Error('hook')
        }, async () => {
          throw new Error('hook')
        }, () => new Promise(createSilentStore)]
      ) {
        const broken = withMetrics(memoryStore(), hook)
        equal(
          [await broken.swap('k', null, write()), (await broken.get('k')).value[0]],
          [true, 7],
          'answers',
        )
      }
      equal(
        (await threw(() =>
          withMetrics(inner, () => {
            throw new Error('hook')
          }).get('k')
        )).message,
        'the store is down',
        'the error of the store',
      )
    },
  },
  {
    name: 'withPrefix separates two sites on one store',
    async run(world) {
      const shared = world.openStore()
      const [one, two] = ['app1_', 'app2_'].map((prefix) => withPrefix(shared, prefix))
      equal(
        [
          await one.swap('k', null, write(1)),
          await two.get('k'),
          await two.swap('k', null, write(2)),
        ],
        [true, null, true],
        'one key of each site',
      )
      equal(
        [
          (await one.get('k')).value[0],
          (await two.get('k')).value[0],
          (await shared.get('app1_k')).value[0],
          await shared.get('k'),
        ],
        [1, 2, 1, null],
        'their values',
      )
    },
  },
]
