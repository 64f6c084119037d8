// Stores delete expired records when they write other records. These cases change the clock of the
// process while they run.
import { memoryStore } from 'portcullis/stores/memory'
import { equal, ok } from '../assert.mjs'

const MINUTE_MS = 60_000
const write = (expiresAtMs) => ({ value: Uint8Array.of(7), expiresAtMs })

/** Checks the sweeps of a store. `count` counts its values. */
export async function countSweeps(store, count) {
  const real = Date.now
  const now = real()
  try {
    for (const [key, minutes] of [['pc1_gone', 5], ['pc1_just', 12], ['pc1_kept', 13]]) {
      await store.swap(key, null, write(now + minutes * MINUTE_MS))
    }
    Date.now = () => now + 9 * MINUTE_MS
    await store.swap('pc1_one', null, write(now + 60 * MINUTE_MS))
    equal(count(), 4, 'values after 9 minutes')
    Date.now = () => now + 12 * MINUTE_MS
    await store.swap('pc1_two', null, write(now + 60 * MINUTE_MS))
    equal(
      [
        count(),
        await store.get('pc1_gone'),
        await store.get('pc1_just'),
        (await store.get('pc1_kept'))?.value[0],
      ],
      [3, null, null, 7],
      'values after 12 minutes',
    )
    equal(
      await store.swap('pc1_gone', null, write(now + 60 * MINUTE_MS)),
      true,
      'a swap of a deleted key',
    )
  } finally {
    Date.now = real
  }
}

const LIVES = 3000

/**
 * Checks a store that deletes expired records at random, because no process lives for long. `open`
 * opens the same database every time.
 */
export async function sweepsByChance(open, count) {
  const real = Math.random
  const [past, ahead] = [Date.now() - MINUTE_MS, Date.now() + 60 * MINUTE_MS]
  const put = async (key, expiresAtMs) =>
    equal(await (await open()).swap(key, null, write(expiresAtMs)), true, `a swap of ${key}`)
  const live = async (lives, run) => {
    for (let n = 0; n < lives; n += 1) await run(n)
  }
  try {
    Math.random = () => 0.5
    await put('pc1_gone', past)
    await put('pc1_kept', ahead)
    equal(await count(), 2, 'values after a write without a sweep')
    Math.random = () => 0
    await put('pc1_one', ahead)
    const store = await open()
    equal([await count(), await store.get('pc1_gone'), (await store.get('pc1_kept'))?.value[0]], [
      2,
      null,
      7,
    ], 'values after a write with a sweep')
    await put('pc1_gone', ahead)
    Math.random = () => 0.5
    await live(1100, (n) => put(`pc1_many_${n}`, past))
    Math.random = () => 0
    await put('pc1_two', ahead)
    equal(
      await count(),
      104,
      'values after a sweep of 1,100 expired ones, which deletes at most 1,000',
    )
    Math.random = real
    let lives = 0
    while ((await count()) - lives > 4 && lives < LIVES) {
      await put(`pc1_life_${(lives += 1)}`, ahead)
    }
    ok(lives < LIVES, `a sweep within ${LIVES} processes of one write each`)
  } finally {
    Math.random = real
  }
}

export const cases = [
  {
    name: 'a write to the memory store deletes expired values, and no others',
    async run() {
      const store = memoryStore()
      await countSweeps(store, () => store.size)
    },
  },
]
