import { fail, freshKey, oneDayWrite, randomBytes, type Rule } from './store-under-test.js'

/** The rules for `get` and `swap` without concurrent calls. */
export const basicOperations: Rule[] = [
  {
    name: 'the store has both verbs, and does not say that it cannot swap',
    async run({ store }) {
      for (const verb of ['get', 'swap'] as const) {
        if (typeof store[verb] !== 'function') {
          fail('The store', `has no ${verb}`, 'it must have get and swap')
        }
      }
      if (store.capabilities !== undefined && store.capabilities.swap !== true) {
        fail(
          'capabilities.swap',
          `is ${store.capabilities.swap}`,
          'a store that can swap says true, or has no capabilities',
        )
      }
    },
  },
  {
    name: 'a key that was never written has no value',
    async run(subject) {
      await subject.expectAbsent(freshKey(), 'of a key that was never written')
    },
  },
  {
    name: 'a value is created where there is none',
    async run(subject) {
      await subject.createValue()
    },
  },
  {
    name: 'a value is not created where there is one',
    async run(subject) {
      const { key, value } = await subject.createValue()
      await subject.expectConflict(
        key,
        null,
        oneDayWrite(randomBytes(10)),
        'with revision null, of a key that has a value',
      )
      await subject.expectValue(key, value, 'after a swap that answered false')
    },
  },
  {
    name: 'a swap that names the revision lands, and is read at once',
    async run(subject) {
      const { key, revision } = await subject.createValue()
      let currentRevision = revision
      for (let n = 0; n < 20; n += 1) {
        const value = randomBytes(80 + n)
        await subject.expectSwap(
          key,
          currentRevision,
          oneDayWrite(value),
          'with the revision that get gave',
        )
        currentRevision =
          (await subject.expectValue(key, value, 'right after a swap that answered true')).revision
      }
    },
  },
  {
    name: 'a swap that names an earlier revision is lost and changes nothing',
    async run(subject) {
      const { key, revision } = await subject.createValue()
      const value = randomBytes(100)
      await subject.expectSwap(key, revision, oneDayWrite(value), 'with the revision that get gave')
      const { revision: currentRevision } = await subject.expectValue(
        key,
        value,
        'right after a swap that answered true',
      )
      await subject.expectConflict(
        key,
        revision,
        oneDayWrite(randomBytes(100)),
        'with a revision that another swap has replaced',
      )
      const { revision: after } = await subject.expectValue(
        key,
        value,
        'after a swap that answered false',
      )
      if (after !== currentRevision) {
        fail('A swap that answered false', 'changed the revision', 'it must change nothing')
      }
      await subject.expectSwap(
        key,
        currentRevision,
        oneDayWrite(value),
        'with the current revision, after another that answered false',
      )
    },
  },
  {
    name: 'a swap that names a revision is lost where there is no value',
    async run(subject) {
      const { revision } = await subject.createValue()
      const key = freshKey()
      await subject.expectConflict(
        key,
        revision,
        oneDayWrite(randomBytes(100)),
        'with a revision, of a key that has no value',
      )
      await subject.expectAbsent(key, 'of a key without a value, after a swap that answered false')
    },
  },
  {
    name: 'a value is deleted by the revision it has',
    async run(subject) {
      const { key, revision } = await subject.createValue()
      await subject.expectSwap(key, revision, null, 'to null with the revision that get gave')
      await subject.expectAbsent(key, 'after the value was deleted')
      await subject.expectConflict(
        key,
        revision,
        null,
        'to null with the revision of a value that is deleted',
      )
    },
  },
  {
    name: 'a value is not deleted by a revision that it no longer has',
    async run(subject) {
      const { key, revision } = await subject.createValue()
      const value = randomBytes(100)
      await subject.expectSwap(key, revision, oneDayWrite(value), 'with the revision that get gave')
      await subject.expectConflict(
        key,
        revision,
        null,
        'to null with a revision that another swap has replaced',
      )
      await subject.expectConflict(
        key,
        null,
        null,
        'to null with revision null, of a key that has a value',
      )
      await subject.expectValue(key, value, 'after deletions that answered false')
    },
  },
  {
    name: 'nothing is swapped for nothing where there is nothing',
    async run(subject) {
      const key = freshKey()
      await subject.expectSwap(
        key,
        null,
        null,
        'to null with revision null, of a key that has no value',
      )
      await subject.expectAbsent(key, 'of a key that was never written')
    },
  },
]
