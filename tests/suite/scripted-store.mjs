// Stores that follow a script: calls wait for one another, are held, fail, or lose their answers,
// exactly when they are told to. And the orders in which concurrent calls can happen, every one of
// them.
import { createWatchedStore } from './support.mjs'

/** A store whose next calls of a verb do what is scripted; what is not scripted goes through. */
export function createScriptedStore(store) {
  const all = createWatchedStore(store)
  const next = { get: [], swap: [] }
  const down = new Set()
  for (const verb of ['get', 'swap']) {
    all.faults[verb] = async (real) => {
      if (down.has(verb)) throw new Error('the store is down')
      const step = next[verb].shift()
      return step === undefined ? real() : step(real)
    }
  }
  /** The next call waits where `around` says; resolves, once it is there, to what lets it go. */
  const hold = (verb, around) =>
    new Promise((arrived) => {
      next[verb].push((real) => around(real, () => new Promise((release) => arrived(release))))
    })
  return {
    ...all,
    /** The next `count` calls of the verb wait until all of them are there. */
    meet(verb, count) {
      let open
      const all = new Promise((resolve) => (open = resolve))
      let here = 0
      for (let n = 0; n < count; n += 1) {
        next[verb].push(async (real) => {
          here += 1
          if (here === count) open()
          await all
          return real()
        })
      }
    },
    /** The next call waits before it reaches the store. */
    hold: (verb) => hold(verb, async (real, wait) => (await wait(), real())),
    /** The next call reaches the store, and its answer waits. */
    holdAnswer: (verb) =>
      hold(verb, async (real, wait) => {
        const answer = await real()
        await wait()
        return answer
      }),
    /** The next call is done, and its answer is lost. */
    drop: (verb) =>
      next[verb].push(async (real) => {
        await real()
        throw new Error('the answer was lost')
      }),
    /** Every call fails until `heal`. */
    fail: (...verbs) => verbs.forEach((verb) => down.add(verb)),
    heal: () => down.clear(),
  }
}

/**
 * A store whose every call waits until `step`: one isolate's view of a store that others use as
 * well.
 */
export function createSteppedStore(store) {
  let go
  let arrive
  let arrival
  const away = () => (arrival = new Promise((resolve) => (arrive = resolve)))
  const waits = (run) =>
    new Promise((release) => {
      go = release
      arrive()
    }).then(run)
  away()
  return {
    capabilities: { swap: true },
    get: (key) => waits(() => store.get(key)),
    swap: (key, ...rest) => waits(() => store.swap(key, ...rest)),
    /** Resolves when a call waits, or when there will be none any more. */
    stopped: () => arrival,
    finish: () => arrive(),
    begin: away,
    step() {
      away()
      go()
    },
  }
}

/**
 * Runs one call for each stepped store; at every step `choose(n)` picks which of the `n` that wait
 * goes on.
 */
export async function interleavings(stores, call, choose) {
  const runs = stores.map((store, n) => {
    store.begin()
    const run = { store, done: false }
    run.answer = call(n).finally(() => {
      run.done = true
      store.finish()
    })
    return run
  })
  for (;;) {
    await Promise.all(runs.map(({ store }) => store.stopped()))
    const waiting = runs.filter(({ done }) => !done)
    if (waiting.length === 0) return Promise.all(runs.map(({ answer }) => answer))
    waiting[choose(waiting.length)].store.step()
  }
}

/** Tells a story once for every sequence of choices it can make. Gives how many there are. */
export async function allInterleavings(story) {
  const trail = []
  let ways = 0
  for (;;) {
    let at = 0
    await story((options) => {
      if (at === trail.length) trail.push({ taken: 0, options })
      at += 1
      return trail[at - 1].taken
    })
    ways += 1
    while (trail.length > 0 && trail.at(-1).taken + 1 === trail.at(-1).options) trail.pop()
    if (trail.length === 0) return ways
    trail.at(-1).taken += 1
  }
}

/** Numbers below `n` that look random and are the same for the same seed. */
export function createRng(seed) {
  let state = (seed % 2147483646) + 1
  return (n) => {
    state = (state * 48271) % 2147483647
    return Math.floor((state / 2147483647) * n)
  }
}
