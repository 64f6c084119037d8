import {
  freshKey,
  letters,
  oneDayWrite,
  randomBytes,
  type Rule,
  type StoreUnderTest,
} from './store-under-test.js'

const AT_ONCE = 64

/** The rules for the independence of keys. */
export const keys: Rule[] = [
  {
    name: 'keys that differ only by case are different keys',
    async run(subject) {
      const key = `pc1_a${letters(21)}`
      const value = randomBytes(100)
      await subject.expectSwap(key, null, oneDayWrite(value), 'of a new key with revision null')
      for (
        const other of [key.replace('_a', '_A'), key.toUpperCase(), key.toLowerCase()].filter((
          one,
        ) => one !== key)
      ) await subject.expectAbsent(other, 'of a key that differs from a written one by case only')
      await subject.expectSwap(
        key.replace('_a', '_A'),
        null,
        oneDayWrite(randomBytes(50)),
        'with revision null, of a key that differs from a written one by case only',
      )
      await subject.expectValue(
        key,
        value,
        'after another key was written that differs by case only',
      )
    },
  },
  {
    name: 'every character that a key may have is told from every other',
    async run(subject) {
      const rest = letters(21)
      const all = [...letters()].flatMap((
        letter,
      ) => [`pc1_${letter}${rest}`, `pc1_${rest}${letter}`])
      await eachHasItsOwn(subject, [...new Set(all)], 'one of many that differ in one character')
    },
  },
  {
    name: 'many keys have each their own value',
    async run(subject) {
      const { count } = subject.settings
      await eachHasItsOwn(subject, Array.from({ length: count }, freshKey), `one of ${count} keys`)
    },
  },
]

/**
 * Creates all keys, checks each value, then deletes one key and checks that the others are
 * unchanged.
 */
async function eachHasItsOwn(subject: StoreUnderTest, all: string[], which: string): Promise<void> {
  const entries = all.map((key) => ({ key, value: randomBytes(64) }))
  await atOnce(
    entries,
    ({ key, value }) =>
      subject.expectSwap(key, null, oneDayWrite(value), `with revision null, of ${which}`),
  )
  const holds = async ({ key, value }: KeyAndValue, when: string): Promise<string> =>
    (await subject.expectValue(key, value, `of ${which}${when}`)).revision
  await atOnce(entries, (entry) => holds(entry, ''))
  const [first, ...others] = entries.slice(0, AT_ONCE)
  if (first === undefined) return
  await subject.expectSwap(first.key, await holds(first, ''), null, `to null, of ${which}`)
  await subject.expectAbsent(first.key, `of ${which}, after it was deleted`)
  await atOnce(others, (entry) => holds(entry, ', after another was deleted'))
}

interface KeyAndValue {
  key: string
  value: Uint8Array
}

async function atOnce<Entry>(
  all: Entry[],
  run: (entry: Entry) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await Promise.all(all.slice(at, at + AT_ONCE).map(run))
  }
}
