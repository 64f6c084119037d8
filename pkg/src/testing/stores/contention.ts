import {
  fail,
  freshKey,
  oneDayWrite,
  randomBytes,
  type Rule,
  type StoreUnderTest,
} from './store-under-test.js'

const CROWD = 64
const CLIENTS = 16
const COUNTS = 4

/** The rules for concurrent swaps of one key. */
export const contention: Rule[] = [
  {
    name: 'of 64 swaps of one key at once exactly one wins, round after round',
    async run(subject) {
      const key = freshKey()
      let revision: string | null = null
      for (let round = 0; round < subject.settings.rounds; round += 1) {
        revision = await scramble(subject, key, revision)
      }
      await scrambleToDelete(subject, key, revision)
    },
  },
  {
    name: 'clients that count together lose no count',
    async run(subject) {
      const { key } = await subject.createValue(Uint8Array.of(0))
      await Promise.all(Array.from({ length: CLIENTS }, () => countOn(subject, key)))
      const entry = await subject.get(key, 'after everybody has counted')
      const total = entry?.value[0] ?? 0
      if (total !== CLIENTS * COUNTS) {
        fail(
          `${CLIENTS} clients that each counted to ${COUNTS} with get and swap`,
          `came to ${total}`,
          `every swap that answered true must stay, so they must come to ${CLIENTS * COUNTS}`,
        )
      }
    },
  },
]

/**
 * Makes concurrent swaps from one revision, and checks that the value of the winner is stored.
 * Returns its revision.
 */
async function scramble(
  subject: StoreUnderTest,
  key: string,
  revision: string | null,
): Promise<string> {
  const values = Array.from({ length: CROWD }, () => randomBytes(100))
  const swapped = await Promise.all(
    values.map((value) => subject.swap(key, revision, oneDayWrite(value), 'by one of 64 at once')),
  )
  const winner = theOne(swapped, revision === null ? 'created one key' : 'swapped one revision')
  const value = values[winner] ?? new Uint8Array()
  return (await subject.expectValue(key, value, 'after 64 swaps at once')).revision
}

async function scrambleToDelete(
  subject: StoreUnderTest,
  key: string,
  revision: string | null,
): Promise<void> {
  const swapped = await Promise.all(
    Array.from(
      { length: CROWD },
      () => subject.swap(key, revision, null, 'to null by one of 64 at once'),
    ),
  )
  theOne(swapped, 'deleted one revision')
  await subject.expectAbsent(key, 'after 64 deletions at once')
}

function theOne(swapped: boolean[], did: string): number {
  const winners = swapped.filter(Boolean).length
  if (winners !== 1) {
    fail(
      `${CROWD} swaps that ${did} at once`,
      `had ${winners === 0 ? 'no winner' : `${winners} winners`}`,
      'comparing and writing must be one atomic step, so exactly one must answer true',
    )
  }
  return swapped.indexOf(true)
}

/**
 * Increments a counter `COUNTS` times as portcullis writes: it reads, swaps, and repeats after a
 * conflict.
 */
async function countOn(subject: StoreUnderTest, key: string): Promise<void> {
  for (let successes = 0, tries = 0; successes < COUNTS; tries += 1) {
    if (tries > CLIENTS * COUNTS * 4) {
      fail(
        'A swap with the revision that get had just given',
        `answered false ${tries} times in a row`,
        'somebody must win every time, or nobody comes forward',
      )
    }
    const entry = await subject.get(key, 'while others swap')
    if (entry === null) {
      return fail('get while others swap', 'gave null', 'the key had a value all the time')
    }
    const next = Uint8Array.of((entry.value[0] ?? 0) + 1)
    if (
      await subject.swap(
        key,
        entry.revision,
        oneDayWrite(next),
        'with the revision that get gave, while others swap',
      )
    ) successes += 1
  }
}
