// The particular cases of the Deno KV store: its size limit, lost answers, its keys. tests/stores
// runs the other cases on files.
import { createSessions } from 'portcullis'
import { denoKvStore } from 'portcullis/stores/deno-kv'
import { equal, ok, throwsCode } from '../suite/assert.mjs'
import { Browser, createKeys, ORIGIN } from '../suite/support.mjs'

/** Deno KV takes 65536 bytes, of which the store needs 16. */
export const LARGEST_BYTES = 65_520

const write = (value) => ({ value, expiresAtMs: Date.now() + 86_400_000 })
const fresh = () => `pc1_${crypto.randomUUID()}`

export const cases = (kv) => [
  {
    name:
      'a record that is too large is rejected with a message, and the old value stays (Deno KV)',
    async run() {
      const store = denoKvStore(kv)
      const key = fresh()
      equal(
        await store.swap(key, null, write(new Uint8Array(LARGEST_BYTES).fill(7))),
        true,
        'a swap of the largest value',
      )
      const { revision } = await store.get(key)
      const error = await throwsCode(
        'ERR_RECORD_TOO_LARGE',
        () => store.swap(key, revision, write(new Uint8Array(LARGEST_BYTES + 1))),
      )
      equal(
        [error.status, (await store.get(key)).revision],
        [409, revision],
        'the status, and the unchanged revision',
      )
      ok(
        /65520.*maxSessionsPerSubject/.test(error.message),
        `the limit and what to do, not "${error.message}"`,
      )
    },
  },
  {
    name: 'a user whose record is full keeps the existing sessions, and can revoke them (Deno KV)',
    async run() {
      const policy = { maxSessionsPerSubject: 256 }
      const sessions = createSessions({
        issuer: ORIGIN,
        keys: createKeys(),
        store: denoKvStore(kv),
        policy,
      })
      const given = { subject: 'user-1', data: 'x'.repeat(1000) }
      const signIn = () => sessions.signIn(new Browser({ runtime: {} }).request(), given)
      let count = 0
      const error = await throwsCode('ERR_RECORD_TOO_LARGE', async () => {
        for (;; count += 1) await signIn()
      })
      ok(
        error.status === 409 && count > 40,
        `a 409 after many sign-ins, not ${error.status} after ${count}`,
      )
      equal((await sessions.list('user-1')).length, count, 'sessions')
      equal(await sessions.revokeAll('user-1'), count, 'revoked sessions')
      equal((await signIn()).ok, true, 'a sign-in afterwards')
    },
  },
  {
    name: 'a commit that is repeated after a lost answer is applied once and succeeds (Deno KV)',
    async run() {
      const store = denoKvStore(repeating(kv))
      const key = fresh()
      equal(await store.swap(key, null, write(Uint8Array.of(1))), true, 'a swap that creates')
      const { revision } = await store.get(key)
      equal(await store.swap(key, revision, write(Uint8Array.of(2))), true, 'a swap that replaces')
      equal(
        [
          await store.swap(key, revision, write(Uint8Array.of(2))),
          await store.swap(key, null, write(Uint8Array.of(2))),
        ],
        [false, false],
        'the same bytes with an old revision',
      )
      equal([...(await store.get(key)).value], [2], 'the value')
    },
  },
  {
    name: 'Deno KV may delete a value after its deadline, and not before (Deno KV)',
    async run() {
      // Deno KV may delete values a minute late, so that the test checks the expiry that Deno KV is
      // given.
      const told = []
      const store = denoKvStore(
        repeating(
          kv,
          (name, [, , options]) => name === 'set' && told.push(Date.now() + options.expireIn),
        ),
      )
      const deadlines = [0.4, 1000, 86_400_000, 34_560_000_000].map((ms) => Date.now() + ms)
      for (const expiresAtMs of deadlines) {
        await store.swap(fresh(), null, { value: Uint8Array.of(1), expiresAtMs })
      }
      deadlines.forEach((deadline, n) =>
        ok(
          told[n] >= deadline && told[n] < deadline + 1000,
          `a deadline that is not ${told[n] - deadline} ms late`,
        )
      )
    },
  },
  {
    name: 'an invented revision is not the revision of a key (Deno KV)',
    async run() {
      const store = denoKvStore(kv)
      const key = fresh()
      await store.swap(key, null, write(Uint8Array.of(1)))
      for (const revision of ['', 'x', crypto.randomUUID(), '0'.repeat(20)]) {
        equal(
          [
            await store.swap(key, revision, write(Uint8Array.of(2))),
            await store.swap(key, revision, null),
          ],
          [false, false],
          `swaps from "${revision}"`,
        )
      }
      equal([...(await store.get(key)).value], [1], 'the value')
    },
  },
  {
    name: 'prefixes separate sites, and have a format (Deno KV)',
    async run() {
      const key = fresh()
      equal(await denoKvStore(kv).swap(key, null, write(Uint8Array.of(1))), true, 'a swap')
      equal(await denoKvStore(kv, { prefix: 'other' }).get(key), null, "another site's value")
      equal((await kv.get(['portcullis', key])).value.length, 17, 'bytes under the default prefix')
      for (const prefix of ['', 'x'.repeat(65), 7, null]) {
        await throwsCode('ERR_CONFIG', () => denoKvStore(kv, { prefix }))
      }
    },
  },
]

/**
 * Wraps a database so that every commit is sent twice and the second answer is given, as a remote
 * database may do. `hear` gets every step of an operation.
 */
function repeating(kv, hear = () => {}) {
  return {
    get: (...given) => kv.get(...given),
    atomic() {
      const steps = []
      const step = (name) => (...given) => (hear(name, given), steps.push([name, given]), operation)
      const once = () =>
        steps.reduce((made, [name, given]) => made[name](...given), kv.atomic()).commit()
      const operation = {
        check: step('check'),
        set: step('set'),
        delete: step('delete'),
        commit: () => once().then(once),
      }
      return operation
    },
  }
}
