import { broke, differ, lasting, type Rule, someBytes } from './subject.js'

export const bytes: Rule[] = [
  {
    name: 'all byte values come back as they were',
    async run(subject) {
      const value = new Uint8Array(subject.settings.largestBytes).map((_, n) =>
        (n & 255) + (n >> 8)
      )
      await subject.made(value.slice(0, 256))
      await subject.made(value)
    },
  },
  {
    name: 'values of every size come back whole',
    async run(subject) {
      const { largestBytes } = subject.settings
      for (const size of [0, 1, 2, 255, 256, 1023, 4096, largestBytes - 1, largestBytes]) {
        await subject.made(someBytes(size))
      }
      const { key, revision } = await subject.made(someBytes(largestBytes))
      const value = new Uint8Array(0)
      await subject.lands(key, revision, lasting(value), 'of a large value to one of 0 bytes')
      await subject.holds(key, value, 'after a swap to a value of 0 bytes')
    },
  },
  {
    name: 'a value that is a view into a larger buffer is stored without what lies around it',
    async run(subject) {
      await subject.made(someBytes(300).subarray(100, 200))
    },
  },
  {
    name: "bytes that were handed over are the store's own",
    async run(subject) {
      const value = someBytes(100)
      const { key } = await subject.made(value.slice())
      const given = someBytes(100)
      const kept = given.slice()
      const { revision } = await subject.holds(key, value, 'of a value')
      await subject.lands(key, revision, lasting(given), 'with the revision that get gave')
      given.fill(0)
      await subject.holds(key, kept, 'after the caller changed the bytes it had handed to swap')
    },
  },
  {
    name: "bytes that were given are the caller's own",
    async run(subject) {
      const value = someBytes(100)
      const { key } = await subject.made(value.slice())
      const first = await subject.holds(key, value, 'of a value')
      first.value.fill(0)
      const { revision, value: mine } = await subject.holds(
        key,
        value,
        'after the caller changed the bytes that an earlier get gave',
      )
      await subject.lands(key, revision, lasting(someBytes(100)), 'with the revision that get gave')
      await subject.get(key, 'after a swap')
      const difference = differ(mine, value)
      if (difference !== null) {
        broke(
          'A swap',
          `changed the bytes that an earlier get had given (${difference})`,
          "what get gives is the caller's own",
        )
      }
    },
  },
]
