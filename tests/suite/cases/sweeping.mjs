// What has expired goes when others are written. The clock of the process is turned, for as long as that takes.
import { memoryStore } from 'portcullis/stores/memory'
import { equal } from '../assert.mjs'

const MINUTE_MS = 60_000
const write = (expiresAtMs) => ({ value: Uint8Array.of(7), expiresAtMs })

/** A store, and how many values it keeps. */
export async function sweeps(store, count) {
  const real = Date.now
  const now = real()
  try {
    for (const [key, minutes] of [['pc1_gone', 5], ['pc1_just', 12], ['pc1_kept', 13]]) await store.swap(key, null, write(now + minutes * MINUTE_MS))
    Date.now = () => now + 9 * MINUTE_MS
    await store.swap('pc1_one', null, write(now + 60 * MINUTE_MS))
    equal(count(), 4, 'values after 9 minutes')
    Date.now = () => now + 12 * MINUTE_MS
    await store.swap('pc1_two', null, write(now + 60 * MINUTE_MS))
    equal([count(), await store.get('pc1_gone'), await store.get('pc1_just'), (await store.get('pc1_kept'))?.value[0]], [3, null, null, 7], 'values after 12 minutes')
    equal(await store.swap('pc1_gone', null, write(now + 60 * MINUTE_MS)), true, 'a swap of what was swept')
  } finally {
    Date.now = real
  }
}

export const cases = [
  {
    name: 'the memory store forgets what has expired when others are written, and nothing else',
    async run() {
      const store = memoryStore()
      await sweeps(store, () => store.size)
    },
  },
]
