import {
  fail,
  oneDayWrite,
  randomBytes,
  type Rule,
  type StoreUnderTest,
} from './store-under-test.js'

/**
 * The number of states that a key goes through. They follow quickly and have identical bytes, so
 * that revisions made from a clock or a hash would repeat.
 */
const STATES = 50

/** The rules for revisions: each state of a key has its own. */
export const revisions: Rule[] = [
  {
    name: 'every state of a key has a revision of its own',
    async run(subject) {
      const { key, value, revision } = await subject.createValue()
      const seen = new Set([revision])
      for (let currentRevision = revision, n = 1; n < STATES; n += 1) {
        await subject.expectSwap(
          key,
          currentRevision,
          oneDayWrite(value),
          'of the same bytes with the revision that get gave',
        )
        currentRevision =
          (await subject.expectValue(key, value, 'right after a swap that answered true')).revision
        fresh(seen, currentRevision, 'A swap of the same bytes')
      }
    },
  },
  {
    name: 'a revision is never used again, not even after a delete',
    async run(subject) {
      const { key, value, revision } = await subject.createValue()
      const seen = new Set([revision])
      for (let currentRevision = revision, n = 1; n < STATES / 2; n += 1) {
        const old = currentRevision
        currentRevision = await again(subject, key, currentRevision, value)
        fresh(seen, currentRevision, 'A value that was deleted and created again')
        await subject.expectConflict(
          key,
          old,
          oneDayWrite(randomBytes(10)),
          'with a revision from before a delete, of a key that was created again',
        )
        await subject.expectConflict(
          key,
          old,
          null,
          'to null with a revision from before a delete, of a key that was created again',
        )
        await subject.expectValue(key, value, 'after swaps that answered false')
      }
    },
  },
]

/** Deletes a key and creates it again. Returns the new revision. */
async function again(
  subject: StoreUnderTest,
  key: string,
  revision: string,
  value: Uint8Array,
): Promise<string> {
  await subject.expectSwap(key, revision, null, 'to null with the revision that get gave')
  await subject.expectSwap(
    key,
    null,
    oneDayWrite(value),
    'with revision null, of a key that was deleted',
  )
  return (await subject.expectValue(key, value, 'of a key that was deleted and created again'))
    .revision
}

function fresh(seen: Set<string>, revision: string, what: string): void {
  if (seen.has(revision)) {
    fail(
      what,
      'has a revision that an earlier state had',
      'a revision names one state of a key and is never used again',
    )
  }
  seen.add(revision)
}
