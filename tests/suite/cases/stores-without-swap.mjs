// Stores without compare-and-swap are rejected at construction, with an alternative in the message.
import { createSessions } from 'portcullis'
import { keyvStore } from 'portcullis/stores/keyv'
import { unstorageStore } from 'portcullis/stores/unstorage'
import { workersKvStore } from 'portcullis/stores/workers-kv'
import { ok, throwsCode } from '../assert.mjs'
import { createKeys, ORIGIN } from '../support.mjs'

/** These are clients as an application would pass them. */
const namespace = {
  get: async () => null,
  put: async () => {},
  delete: async () => {},
  list: async () => ({ keys: [] }),
  getWithMetadata: async () => ({}),
}
const storage = {
  getItem: async () => null,
  setItem: async () => {},
  removeItem: async () => {},
  getItemRaw: async () => null,
}
const keyv = { get: async () => undefined, set: async () => true, delete: async () => true }

const REFUSED = [
  ['Workers KV', () => workersKvStore(namespace), [
    'portcullis/stores/durable-object',
    'portcullis/stores/d1',
    'of your own',
  ]],
  ['unstorage', () => unstorageStore(storage), [
    'portcullis/stores/sqlite',
    'portcullis/stores/durable-object',
    'of your own',
  ]],
  ['Keyv', () => keyvStore(keyv), [
    'portcullis/stores/sqlite',
    'portcullis/stores/durable-object',
    'of your own',
  ]],
]

export const cases = [
  ...REFUSED.map(([name, open, ways]) => ({
    name: `rejected by name, with an alternative: ${name}`,
    async run() {
      const error = await throwsCode('ERR_STORE_NEEDS_SWAP', open)
      for (const part of [name, ...ways]) {
        ok(error.message.includes(part), `"${part}" in "${error.message}"`)
      }
    },
  })),
  {
    name: 'rejected also without an adapter: a Workers KV binding, unstorage, Keyv',
    async run() {
      const given = (store) => () => createSessions({ issuer: ORIGIN, keys: createKeys(), store })
      await throwsCode('ERR_STORE_NEEDS_SWAP', given(namespace))
      await throwsCode('ERR_STORE_NEEDS_SWAP', given(keyv))
      // This client has no get either, so that the general message applies.
      await throwsCode('ERR_CONFIG', given(storage))
    },
  },
]
