import type { Store } from '../../stores/types.js'
import { fail, freshKey, oneDayWrite, randomBytes } from './store-under-test.js'

/** The rule for a store whose engine cannot be reached. */
export const unreachableRule = {
  name: 'a store that cannot be reached throws, in time',
  async run(store: Store, withinMs: number): Promise<void> {
    const verbs = {
      get: () => store.get(freshKey()),
      swap: () => store.swap(freshKey(), null, oneDayWrite(randomBytes(100))),
    }
    for (const [verb, call] of Object.entries(verbs)) await throwsInTime(verb, call, withinMs)
  },
}

async function throwsInTime(verb: string, call: () => unknown, withinMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<string>((
    resolve,
  ) => (timer = setTimeout(resolve, withinMs, `was not done after ${withinMs} ms`)))
  const done = Promise.resolve().then(call).then(
    (answer) => `answered ${JSON.stringify(answer)}`,
    () => null,
  )
  const came = await Promise.race([done, late])
  clearTimeout(timer)
  if (came !== null) {
    fail(
      `${verb} of a store that cannot be reached`,
      came,
      'it must throw in time, because any answer would be taken for the truth',
    )
  }
}
