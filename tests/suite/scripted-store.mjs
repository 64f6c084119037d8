// Stores that follow a script: a test decides when a call waits, fails, or loses its answer. Other
// functions here try every order in which concurrent calls can happen.
import { createWatchedStore } from './support.mjs'

/** A store whose next calls do what the test has scripted. Other calls go through. */
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
  /**
   * The next call waits before or after it reaches the store. The promise gives a function that
   * continues the call.
   */
  const hold = (verb, around) =>
    new Promise((arrived) => {
      next[verb].push((real) => around(real, () => new Promise((release) => arrived(release))))
    })
  return {
    ...all,
    /** The next `count` calls of the verb wait until all of them have started. */
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

/** A store whose calls wait until `step`. Each isolate gets its own one on a shared store. */
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
    /** Resolves when a call waits, or when no further call will come. */
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
 * Runs one call for each stepped store. At every step, `choose(n)` picks which of the `n` waiting
 * calls continues.
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

/** Runs a scenario once for every sequence of choices, and gives the number of sequences. */
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

/** Pseudorandom numbers below `n`. One seed always gives the same numbers. */
export function createRng(seed) {
  let state = (seed % 2147483646) + 1
  return (n) => {
    state = (state * 48271) % 2147483647
    return Math.floor((state / 2147483647) * n)
  }
}
