import { broke, freshKey, lasting, type Rule, someBytes, type Subject } from './subject.js'

const CROWD = 64
const CLIENTS = 16
const COUNTS = 4

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
      const { key } = await subject.made(Uint8Array.of(0))
      await Promise.all(Array.from({ length: CLIENTS }, () => countOn(subject, key)))
      const entry = await subject.get(key, 'after everybody has counted')
      const total = entry?.value[0] ?? 0
      if (total !== CLIENTS * COUNTS) {
        broke(
          `${CLIENTS} clients that each counted to ${COUNTS} with get and swap`,
          `came to ${total}`,
          `every swap that answered true must stay, so they must come to ${CLIENTS * COUNTS}`,
        )
      }
    },
  },
]

/** Everybody swaps from one revision; the winner's value is there. Gives its revision. */
async function scramble(subject: Subject, key: string, revision: string | null): Promise<string> {
  const values = Array.from({ length: CROWD }, () => someBytes(100))
  const landed = await Promise.all(
    values.map((value) => subject.swap(key, revision, lasting(value), 'by one of 64 at once')),
  )
  const winner =
    values[theOne(landed, revision === null ? 'created one key' : 'swapped one revision')]
  return (await subject.holds(key, winner!, 'after 64 swaps at once')).revision
}

async function scrambleToDelete(
  subject: Subject,
  key: string,
  revision: string | null,
): Promise<void> {
  const landed = await Promise.all(
    Array.from(
      { length: CROWD },
      () => subject.swap(key, revision, null, 'to null by one of 64 at once'),
    ),
  )
  theOne(landed, 'deleted one revision')
  await subject.lacks(key, 'after 64 deletions at once')
}

function theOne(landed: boolean[], did: string): number {
  const winners = landed.filter(Boolean).length
  if (winners !== 1) {
    broke(
      `${CROWD} swaps that ${did} at once`,
      `had ${winners === 0 ? 'no winner' : `${winners} winners`}`,
      'comparing and writing must be one atomic step, so exactly one must answer true',
    )
  }
  return landed.indexOf(true)
}

/** Reads, adds one and swaps until that lands, as portcullis does. */
async function countOn(subject: Subject, key: string): Promise<void> {
  for (let counted = 0, tries = 0; counted < COUNTS; tries += 1) {
    if (tries > CLIENTS * COUNTS * 4) {
      broke(
        'A swap with the revision that get had just given',
        `answered false ${tries} times in a row`,
        'somebody must win every time, or nobody comes forward',
      )
    }
    const entry = await subject.get(key, 'while others swap')
    if (entry === null) {
      return broke('get while others swap', 'gave null', 'the key had a value all the time')
    }
    const next = Uint8Array.of((entry.value[0] ?? 0) + 1)
    if (
      await subject.swap(
        key,
        entry.revision,
        lasting(next),
        'with the revision that get gave, while others swap',
      )
    ) counted += 1
  }
}
