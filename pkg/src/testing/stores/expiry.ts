import {
  describeDifference,
  fail,
  freshKey,
  inDays,
  oneDayWrite,
  randomBytes,
  type Rule,
  sleep,
  type StoreUnderTest,
} from './store-under-test.js'

/**
 * The maximum number of swaps of an expired key that may conflict. One may if the store deletes the
 * key in between, and a few if it deletes expired keys in batches.
 */
const TRIES = 5

/** The rules for the expiry of values. */
export const expiry: Rule[] = [
  {
    name: 'a value is there until its deadline, however far that is',
    async run(subject) {
      const { lifeMs } = subject.settings
      // 400 days is the longest expiry that portcullis sets.
      const far = await Promise.all(
        [1 / 24, 1, 30, 400].map((days) => subject.createValue(randomBytes(100), inDays(days))),
      )
      await livesUntil(subject, Date.now() + lifeMs)
      await sleep(lifeMs / 2)
      for (const { key, value } of far) {
        await subject.expectValue(
          key,
          value,
          `${lifeMs} ms after a swap whose deadline is hours or days ahead`,
        )
      }
    },
  },
  {
    name: 'a key whose value has expired gives it or does not, and can be written either way',
    async run(subject) {
      const { lifeMs } = subject.settings
      const value = randomBytes(100)
      const key = freshKey()
      await subject.expectSwap(
        key,
        null,
        { value, expiresAtMs: Date.now() + lifeMs },
        'of a new key with revision null',
      )
      const before = await subject.get(key, 'of a value with a short life')
      await sleep(lifeMs * 1.2)
      await canBeWritten(subject, key, value)
      if (before !== null) {
        await subject.expectConflict(
          key,
          before.revision,
          oneDayWrite(value),
          'with the revision of a value that has expired and was replaced',
        )
      }
    },
  },
  {
    name: 'a deadline that has passed already is no error',
    async run(subject) {
      const value = randomBytes(100)
      const key = freshKey()
      await subject.expectSwap(
        key,
        null,
        { value, expiresAtMs: Date.now() - 60_000 },
        'with revision null and a deadline that has passed',
      )
      await canBeWritten(subject, key, value)
      const other = await subject.createValue()
      await subject.expectSwap(
        other.key,
        other.revision,
        { value, expiresAtMs: Date.now() - 60_000 },
        'with the revision that get gave and a deadline that has passed',
      )
      await canBeWritten(subject, other.key, value)
    },
  },
  {
    name: 'the deadline of the last swap that landed counts, and no other',
    async run(subject) {
      const { lifeMs } = subject.settings
      const value = randomBytes(100)
      const moved = freshKey()
      await subject.expectSwap(
        moved,
        null,
        { value, expiresAtMs: Date.now() + lifeMs },
        'of a new key with revision null',
      )
      const entry = await subject.get(moved, 'of a value with a short life')
      const inTime = await subject.swap(
        moved,
        entry?.revision ?? null,
        oneDayWrite(value),
        'that moves a deadline to a day ahead',
      )
      const kept = await subject.createValue(value)
      await subject.expectConflict(
        kept.key,
        null,
        { value, expiresAtMs: Date.now() + lifeMs / 2 },
        'with revision null, of a key that has a value',
      )
      await sleep(lifeMs * 1.2)
      if (inTime) {
        await subject.expectValue(
          moved,
          value,
          'when an earlier deadline has passed that the last swap moved to a day ahead',
        )
      }
      await subject.expectValue(kept.key, value, 'after the deadline of a swap that answered false')
    },
  },
]

/**
 * Checks that a value stays until its expiry. The check ends a quarter of the time early, because
 * the clock of the store may differ.
 */
async function livesUntil(subject: StoreUnderTest, expiresAtMs: number): Promise<void> {
  const value = randomBytes(100)
  const key = freshKey()
  const sureUntilMs = expiresAtMs - subject.settings.lifeMs / 4
  await subject.expectSwap(key, null, { value, expiresAtMs }, 'of a new key with revision null')
  while (Date.now() < sureUntilMs) {
    const entry = await subject.get(key, 'before the deadline')
    const leftMs = expiresAtMs - Date.now()
    if (entry === null && Date.now() < sureUntilMs) {
      fail(
        'get before the deadline',
        `gave null ${leftMs} ms early`,
        'late is fine and early is not, so the value must be there until its deadline',
      )
    }
    await sleep(subject.settings.lifeMs / 20)
  }
}

/**
 * Checks that a swap which names what `get` returned succeeds after the expiry, at the latest once
 * the store has deleted the value.
 */
async function canBeWritten(
  subject: StoreUnderTest,
  key: string,
  expired: Uint8Array,
): Promise<void> {
  let said = ''
  for (let n = 0; n < TRIES; n += 1) {
    const entry = await subject.get(key, 'after the deadline')
    const difference = entry === null ? null : describeDifference(entry.value, expired)
    if (difference !== null) {
      fail(
        'get after the deadline',
        `gave ${difference}`,
        'what it still gives must be the bytes of the last swap that answered true, unchanged',
      )
    }
    const value = randomBytes(80)
    if (
      await subject.swap(
        key,
        entry?.revision ?? null,
        oneDayWrite(value),
        'of a key whose value has expired',
      )
    ) {
      return void (await subject.expectValue(
        key,
        value,
        'of a key that was written anew after its value had expired',
      ))
    }
    said = entry === null ? 'revision null, as get gave null,' : 'the revision that get gave'
  }
  fail(
    `swap with ${said} of a key whose value has expired`,
    `answered false ${TRIES} times`,
    'what get does not give is not there for swap either, so it must write and answer true',
  )
}
