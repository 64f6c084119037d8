import {
  describeDifference,
  fail,
  oneDayWrite,
  randomBytes,
  type Rule,
} from './store-under-test.js'

/** The rules for the bytes of values: their sizes, and who owns them. */
export const bytes: Rule[] = [
  {
    name: 'all byte values come back as they were',
    async run(subject) {
      const value = new Uint8Array(subject.settings.largestBytes).map((_, n) =>
        (n & 255) + (n >> 8)
      )
      await subject.createValue(value.slice(0, 256))
      await subject.createValue(value)
    },
  },
  {
    name: 'values of every size come back whole',
    async run(subject) {
      const { largestBytes } = subject.settings
      for (const size of [0, 1, 2, 255, 256, 1023, 4096, largestBytes - 1, largestBytes]) {
        await subject.createValue(randomBytes(size))
      }
      const { key, revision } = await subject.createValue(randomBytes(largestBytes))
      const value = new Uint8Array(0)
      await subject.expectSwap(
        key,
        revision,
        oneDayWrite(value),
        'of a large value to one of 0 bytes',
      )
      await subject.expectValue(key, value, 'after a swap to a value of 0 bytes')
    },
  },
  {
    name: 'a value that is a view into a larger buffer is stored without what lies around it',
    async run(subject) {
      await subject.createValue(randomBytes(300).subarray(100, 200))
    },
  },
  {
    name: "bytes that were handed over are the store's own",
    async run(subject) {
      const value = randomBytes(100)
      const { key } = await subject.createValue(value.slice())
      const given = randomBytes(100)
      const kept = given.slice()
      const { revision } = await subject.expectValue(key, value, 'of a value')
      await subject.expectSwap(key, revision, oneDayWrite(given), 'with the revision that get gave')
      given.fill(0)
      await subject.expectValue(
        key,
        kept,
        'after the caller changed the bytes it had handed to swap',
      )
    },
  },
  {
    name: "bytes that were given are the caller's own",
    async run(subject) {
      const value = randomBytes(100)
      const { key } = await subject.createValue(value.slice())
      const first = await subject.expectValue(key, value, 'of a value')
      first.value.fill(0)
      const { revision, value: mine } = await subject.expectValue(
        key,
        value,
        'after the caller changed the bytes that an earlier get gave',
      )
      await subject.expectSwap(
        key,
        revision,
        oneDayWrite(randomBytes(100)),
        'with the revision that get gave',
      )
      await subject.get(key, 'after a swap')
      const difference = describeDifference(mine, value)
      if (difference !== null) {
        fail(
          'A swap',
          `changed the bytes that an earlier get had given (${difference})`,
          "what get gives is the caller's own",
        )
      }
    },
  },
]
