import { freshKey, lasting, letters, type Rule, someBytes, type Subject } from './subject.js'

const AT_ONCE = 64

export const keys: Rule[] = [
  {
    name: 'keys that differ only by case are different keys',
    async run(subject) {
      const key = `pc1_a${letters(21)}`
      const value = someBytes(100)
      await subject.lands(key, null, lasting(value), 'of a new key with revision null')
      for (
        const other of [key.replace('_a', '_A'), key.toUpperCase(), key.toLowerCase()].filter((
          one,
        ) => one !== key)
      ) await subject.lacks(other, 'of a key that differs from a written one by case only')
      await subject.lands(
        key.replace('_a', '_A'),
        null,
        lasting(someBytes(50)),
        'with revision null, of a key that differs from a written one by case only',
      )
      await subject.holds(key, value, 'after another key was written that differs by case only')
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
 * Makes all of them, then looks at each, then changes one and sees that its neighbours have not
 * changed.
 */
async function eachHasItsOwn(subject: Subject, all: string[], which: string): Promise<void> {
  const values = new Map(all.map((key) => [key, someBytes(64)]))
  await atOnce(
    all,
    (key) => subject.lands(key, null, lasting(values.get(key)!), `with revision null, of ${which}`),
  )
  await atOnce(all, async (key) => void (await subject.holds(key, values.get(key)!, `of ${which}`)))
  const [first, ...others] = all.slice(0, AT_ONCE)
  const { revision } = await subject.holds(first!, values.get(first!)!, `of ${which}`)
  await subject.lands(first!, revision, null, `to null, of ${which}`)
  await subject.lacks(first!, `of ${which}, after it was deleted`)
  await atOnce(
    others,
    async (key) =>
      void (await subject.holds(key, values.get(key)!, `of ${which}, after another was deleted`)),
  )
}

async function atOnce(all: string[], run: (key: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await Promise.all(all.slice(at, at + AT_ONCE).map(run))
  }
}
