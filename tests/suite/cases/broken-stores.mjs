// Stores in memory that break one rule each, as real adapters do: [what the store does, open, the
// expected message].
import { memoryStore } from 'portcullis/stores/memory'

const SWAP_OLD =
  'swap with a revision that another swap has replaced answered true: it did not name the '
  + "key's revision, so it must change nothing and answer false."
const UNCHANGED = 'it must give the bytes of the last swap that answered true, unchanged.'
const ONE_NAME =
  'has a revision that an earlier state had: a revision names one state of a key and is never '
  + 'used again.'

/** A simple store, every part of which can be replaced. `entries` holds its values. */
function simple(change = () => ({})) {
  const entries = new Map()
  let revisions = 0
  const parts = {
    name: () => String(revisions += 1),
    kept: (value) => value.slice(),
    given: (value) => value.slice(),
    current: (key) => entries.get(key)?.revision ?? null,
    put: (key, write) =>
      entries.set(key, {
        ...write,
        value: parts.kept(write.value),
        revision: parts.name(key, write),
      }),
    remove: (key) => entries.delete(key),
  }
  const store = {
    async get(key) {
      const entry = entries.get(key)
      return entry === undefined
        ? null
        : { value: parts.given(entry.value), revision: entry.revision }
    },
    async swap(key, revision, write) {
      if (parts.current(key) !== revision) return false
      write === null ? parts.remove(key) : parts.put(key, write)
      return true
    },
  }
  const { verbs, ...rest } = change({ entries, parts, store })
  Object.assign(parts, rest)
  return { ...store, ...verbs }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1))
const broken = (words, change, sentence) => [words, () => simple(change), sentence]
/** The memory store under changed keys. */
const renamed = (rename) => () => {
  const store = memoryStore()
  return {
    get: (key) => store.get(rename(key)),
    swap: (key, ...rest) => store.swap(rename(key), ...rest),
  }
}

const VERBS = [
  broken(
    'declares that it cannot swap',
    () => ({ verbs: { capabilities: { swap: false } } }),
    'capabilities.swap is false: a store that can swap says true, or has no capabilities.',
  ),
  broken(
    'has no swap',
    () => ({ verbs: { swap: undefined } }),
    'The store has no swap: it must have get and swap.',
  ),
  broken(
    'gives undefined for a missing value',
    ({ entries, store }) => ({
      verbs: { get: async (key) => (entries.has(key) ? store.get(key) : undefined) },
    }),
    'get of a key that was never written gave undefined: it must give { value, revision }, or '
      + 'null where there is no value.',
  ),
  broken(
    'throws for a missing value',
    ({ entries, store }) => ({
      verbs: {
        get: async (key) => {
          if (!entries.has(key)) throw new Error('not found')
          return store.get(key)
        },
      },
    }),
    'get of a key that was never written threw "not found": it may throw only where the store '
      + 'cannot be reached, and must answer otherwise.',
  ),
  broken(
    'answers OK',
    ({ store }) => ({
      verbs: { swap: async (...all) => ((await store.swap(...all)) ? 'OK' : null) },
    }),
    "swap of a new key with revision null answered 'OK': it must answer true or false.",
  ),
  broken(
    'counts the rows that changed',
    ({ store }) => ({ verbs: { swap: async (...all) => Number(await store.swap(...all)) } }),
    'swap of a new key with revision null answered 1: it must answer true or false.',
  ),
  broken(
    'gives numbers for revisions',
    ({ store }) => ({
      verbs: {
        get: async (key) => {
          const entry = await store.get(key)
          return entry && { ...entry, revision: Number(entry.revision) }
        },
      },
    }),
    'get after a swap that created the value gave a revision that is a number: it must be a '
      + 'string.',
  ),
  broken(
    'gives an ArrayBuffer',
    () => ({ given: (value) => value.slice().buffer }),
    'get after a swap that created the value gave a value that is an instance of ArrayBuffer: '
      + 'it must be a Uint8Array.',
  ),
  broken(
    'gives text',
    () => ({ given: (value) => String(value) }),
    'get after a swap that created the value gave a value that is a string: it must be a '
      + 'Uint8Array.',
  ),
]

const SWAPS = [
  broken(
    'swaps without comparing',
    ({ parts }) => ({
      verbs: {
        swap: async (
          key,
          _,
          write,
        ) => (write === null ? parts.remove(key) : parts.put(key, write), true),
      },
    }),
    SWAP_OLD,
  ),
  broken(
    'compares only whether there is a value',
    ({ entries, parts }) => ({
      verbs: {
        swap: async (key, revision, write) => {
          if (entries.has(key) !== (revision !== null)) return false
          write === null ? parts.remove(key) : parts.put(key, write)
          return true
        },
      },
    }),
    SWAP_OLD,
  ),
  broken(
    'overwrites when it creates',
    ({ parts, store }) => ({
      verbs: {
        swap: async (key, revision, write) => (revision === null && write !== null
          ? (parts.put(key, write), true)
          : store.swap(key, revision, write)),
      },
    }),
    'swap with revision null, of a key that has a value answered true: the key had a value, '
      + 'so it must change nothing and answer false.',
  ),
  broken(
    'creates a value for any revision',
    ({ entries, parts, store }) => ({
      verbs: {
        swap: async (key, revision, write) => (!entries.has(key) && write !== null
          ? (parts.put(key, write), true)
          : store.swap(key, revision, write)),
      },
    }),
    'swap with a revision, of a key that has no value answered true: it did not name the '
      + "key's revision, so it must change nothing and answer false.",
  ),
  broken(
    'deletes without comparing',
    ({ parts, store }) => ({
      verbs: {
        swap: async (
          key,
          revision,
          write,
        ) => (write === null ? (parts.remove(key), true) : store.swap(key, revision, write)),
      },
    }),
    'swap to null with a revision that another swap has replaced answered true: it did not '
      + "name the key's revision, so it must change nothing and answer false.",
  ),
  broken(
    'writes before it compares',
    ({ entries, parts }) => ({
      verbs: {
        swap: async (key, revision, write) => {
          const fits = parts.current(key) === revision
          if (write !== null && entries.has(key)) entries.get(key).value = write.value.slice()
          if (fits) write === null ? parts.remove(key) : parts.put(key, write)
          return fits
        },
      },
    }),
    `get after a swap that answered false gave 10 bytes instead of 100: ${UNCHANGED}`,
  ),
  broken(
    'never deletes',
    ({ store }) => ({
      verbs: {
        swap: async (
          key,
          revision,
          write,
        ) => (write === null ? true : store.swap(key, revision, write)),
      },
    }),
    'get after the value was deleted gave 100 bytes: it must give null, because the key has '
      + 'no value.',
  ),
  broken(
    'lets two concurrent swaps succeed',
    ({ parts, store }) => ({
      verbs: {
        swap: async (key, revision, write) => {
          const fits = parts.current(key) === revision
          await pause()
          return fits && store.swap(key, parts.current(key), write)
        },
      },
    }),
    '64 swaps that created one key at once had 64 winners: comparing and writing must be one '
      + 'atomic step, so exactly one must answer true.',
  ),
  broken(
    'lets no concurrent swap succeed',
    ({ store }) => {
      let running = 0
      return {
        verbs: {
          swap: async (...all) => {
            running += 1
            await pause()
            const alone = running === 1
            await pause()
            running -= 1
            return alone && store.swap(...all)
          },
        },
      }
    },
    '64 swaps that created one key at once had no winner: comparing and writing must be one '
      + 'atomic step, so exactly one must answer true.',
  ),
  broken(
    'reads from a cache',
    ({ store }) => {
      const cache = new Map()
      return {
        verbs: {
          get: async (key) => {
            const entry = cache.get(key) ?? (await store.get(key))
            if (entry !== null) cache.set(key, entry)
            return entry
          },
        },
      }
    },
    'get after the value was deleted gave 100 bytes: it must give null, because the key has '
      + 'no value.',
  ),
]

const REVISIONS = [
  broken(
    'counts from one again after a delete',
    ({ entries }) => ({ name: (key) => String(Number(entries.get(key)?.revision ?? 0) + 1) }),
    `A value that was deleted and created again ${ONE_NAME}`,
  ),
  broken(
    'hashes the bytes into a revision',
    () => ({ name: (_, { value }) => String(value) }),
    `A swap of the same bytes ${ONE_NAME}`,
  ),
  broken(
    'uses the time as the revision',
    () => ({ name: () => String(Math.floor(Date.now() / 1000)) }),
    `A swap of the same bytes ${ONE_NAME}`,
  ),
]

const BYTES = [
  broken(
    'cuts values',
    () => ({ kept: (value) => value.slice(0, 65_535) }),
    `get after a swap that created the value gave 65535 bytes instead of 65536: ${UNCHANGED}`,
  ),
  broken(
    'keeps text',
    () => ({
      kept: (value) => new TextDecoder().decode(value),
      given: (text) => new TextEncoder().encode(text),
    }),
    `get after a swap that created the value gave 512 bytes instead of 256: ${UNCHANGED}`,
  ),
  broken(
    'treats an empty value as missing',
    ({ store }) => ({
      verbs: {
        get: async (key) => {
          const entry = await store.get(key)
          return entry?.value.length ? entry : null
        },
      },
    }),
    'get after a swap that created the value gave null: it must give the last value that a '
      + 'swap wrote, which has neither been deleted nor expired.',
  ),
  broken(
    'keeps the whole buffer',
    () => ({ kept: (value) => new Uint8Array(value.buffer.slice(0)) }),
    `get after a swap that created the value gave 300 bytes instead of 100: ${UNCHANGED}`,
  ),
  broken(
    "keeps the caller's own bytes",
    () => ({ kept: (value) => value }),
    /after the caller changed the bytes it had handed to swap/,
  ),
  broken(
    'gives its own bytes',
    () => ({ given: (value) => value }),
    /after the caller changed the bytes that an earlier get gave/,
  ),
]

const KEYS = [
  [
    'folds case',
    renamed((key) => key.toLowerCase()),
    'get of a key that differs from a written one by case only gave 100 bytes: it must give '
    + 'null, because the key has no value.',
  ],
  [
    'treats - and _ as the same character',
    renamed((key) => key.replaceAll('-', '_')),
    'swap with revision null, of one of many that differ in one character answered false: the '
    + 'key had no value, so it must write and answer true.',
  ],
  [
    'cuts keys',
    renamed((key) => key.slice(0, -1)),
    'swap with revision null, of one of many that differ in one character answered false: the '
    + 'key had no value, so it must write and answer true.',
  ],
  broken(
    'loses some of many values',
    ({ entries, parts }) => ({
      put: (key, write) => {
        if (entries.size >= 90) entries.delete(entries.keys().next().value)
        entries.set(key, { ...write, value: write.value.slice(), revision: parts.name() })
      },
    }),
    'get of one of 100 keys gave null: it must give the last value that a swap wrote, which '
      + 'has neither been deleted nor expired.',
  ),
]

const EARLY = new RegExp(
  '^get before the deadline gave null \\d+ ms early: late is fine and early is not, '
    + 'so the value must be there until its deadline\\.$',
)
const FAR_GONE =
  'get 200 ms after a swap whose deadline is hours or days ahead gave null: it must give the '
  + 'last value that a swap wrote, which has neither been deleted nor expired.'
/** The suite reports whichever of the two comes first. */
const SOON_GONE = new RegExp(`${EARLY.source}|^${FAR_GONE}$`)

const EXPIRY = [
  broken('deletes values on an early timer', ({ entries, parts }) => ({
    put: (key, write) => {
      const entry = { ...write, value: write.value.slice(), revision: parts.name() }
      entries.set(key, entry)
      setTimeout(() => entries.get(key) === entry && entries.delete(key), 100)
    },
  }), SOON_GONE),
  broken('counts days in 32 bits', ({ entries, parts }) => ({
    put: (key, write) => {
      const entry = { ...write, value: write.value.slice(), revision: parts.name() }
      entries.set(key, entry)
      const expiryDelayMs = (write.expiresAtMs - Date.now()) | 0
      if (expiryDelayMs < 1000) {
        setTimeout(
          () => entries.get(key) === entry && entries.delete(key),
          Math.max(0, expiryDelayMs),
        )
      }
    },
  }), FAR_GONE),
  broken(
    'forgets half-way',
    ({ entries, store }) => ({
      verbs: {
        get: async (
          key,
        ) => (entries.get(key)?.expiresAtMs < Date.now() + 190 ? null : store.get(key)),
      },
    }),
    EARLY,
  ),
  broken(
    'hides expired values from get and not from swap',
    ({ entries, store }) => ({
      verbs: {
        get: async (key) => (entries.get(key)?.expiresAtMs <= Date.now() ? null : store.get(key)),
      },
    }),
    'swap with revision null, as get gave null, of a key whose value has expired answered '
      + 'false 5 times: what get does not give is not there for swap either, so it must write and '
      + 'answer true.',
  ),
  broken(
    'rejects a deadline that has passed',
    ({ store }) => ({
      verbs: {
        swap: async (key, revision, write) => {
          if (write?.expiresAtMs < Date.now()) throw new Error('invalid expire time')
          return store.swap(key, revision, write)
        },
      },
    }),
    'swap with revision null and a deadline that has passed threw "invalid expire time": it '
      + 'may throw only where the store cannot be reached, and must answer otherwise.',
  ),
  broken(
    'keeps the first deadline',
    ({ entries, parts }) => ({
      put: (key, write) => {
        const expiryDelayMs = write.expiresAtMs - Date.now()
        if (!entries.has(key) && expiryDelayMs < 1000) {
          setTimeout(
            () => entries.delete(key),
            Math.max(0, expiryDelayMs),
          )
        }
        entries.set(key, { ...write, value: write.value.slice(), revision: parts.name() })
      },
    }),
    'get when an earlier deadline has passed that the last swap moved to a day ahead gave '
      + 'null: it must give the last value that a swap wrote, which has neither been deleted nor '
      + 'expired.',
  ),
  broken(
    'applies the deadline of a failed swap',
    ({ entries, store }) => ({
      verbs: {
        get: async (key) => {
          if (entries.get(key)?.expiresAtMs <= Date.now()) entries.delete(key)
          return store.get(key)
        },
        swap: async (key, revision, write) => {
          const landed = await store.swap(key, revision, write)
          if (!landed && write !== null && entries.has(key)) {
            entries.get(key).expiresAtMs = write.expiresAtMs
          }
          return landed
        },
      },
    }),
    'get after the deadline of a swap that answered false gave null: it must give the last '
      + 'value that a swap wrote, which has neither been deleted nor expired.',
  ),
]

export const BROKEN = [...VERBS, ...SWAPS, ...REVISIONS, ...BYTES, ...KEYS, ...EXPIRY]
