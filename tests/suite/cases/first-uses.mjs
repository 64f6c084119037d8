// The first use of each new token is recorded in the background, once in each instance.
import { equal, ok, throwsCode } from '../assert.mjs'
import { Browser, createSignedInBrowser, createTestSite, createWatchedStore } from '../support.mjs'

const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

/** Counts the store reads for each request. Each of the sessions was used before. */
async function readsPerRequest(world, users, options) {
  const store = createWatchedStore(world.openStore())
  const { sessions } = createTestSite(world, { ...options, store })
  const requests = []
  for (let n = 0; n < users; n += 1) {
    const browser = new Browser(world)
    const subject = `user-${users}-${n}`
    browser.keep(await sessions.signIn(browser.request(), { subject }))
    requests.push(browser.request({ method: 'GET' }))
  }
  const useAll = async () => {
    for (const request of requests) ok(sessions.authenticate(request).ok, 'a valid token')
    await settled()
  }
  await useAll()
  const before = store.calls.get
  await useAll()
  await useAll()
  sessions.dispose()
  return (store.calls.get - before) / (2 * users)
}

export const cases = [
  {
    name: 'first uses: sessions that fit into firstUseCacheSize are recorded once',
    async run(world) {
      const reads = await readsPerRequest(world, 256, { firstUseCacheSize: 1024 })
      ok(reads < 0.01, `${reads} reads per request`)
    },
  },
  {
    name:
      'first uses: if there are more sessions than fit, only some entries are replaced at a time',
    async run(world) {
      const reads = await readsPerRequest(world, 1500, { firstUseCacheSize: 1024 })
      ok(reads > 0.05 && reads < 0.8, `${reads} reads per request`)
    },
  },
  {
    name: 'first uses: firstUseCacheSize has a range',
    async run(world) {
      for (
        const firstUseCacheSize of [0, 1023, 4_194_305, 1e300, Number.NaN, '2048', null, false]
      ) {
        await throwsCode('ERR_CONFIG', () => createTestSite(world, { firstUseCacheSize }))
      }
    },
  },
  {
    name: 'first uses: a waitUntil that throws fails no request, and the first use is recorded',
    async run(world) {
      const unbound = new (class {
        #promises = []
        waitUntil(promise) {
          this.#promises.push(promise)
        }
      })().waitUntil
      const outside = () => {
        throw new Error('called outside a request')
      }
      const warn = console.warn
      const warnings = []
      console.warn = (text) => warnings.push(text)
      try {
        for (const waitUntil of [unbound, outside]) {
          const store = createWatchedStore(world.openStore())
          const { sessions, browser } = await createSignedInBrowser(world, { waitUntil, store })
          const before = store.calls.swap
          for (let n = 0; n < 3; n += 1) {
            const answer = await sessions.protect(browser.request({ method: 'GET' }))
            equal(answer.ok, true, 'a request with a valid token')
          }
          await settled()
          equal(store.calls.swap - before, 1, 'the recorded first use')
        }
      } finally {
        console.warn = warn
      }
      ok(warnings.length <= 1, 'one warning at most')
    },
  },
]
