// Concurrent refreshes: in each round, 2 to 64 requests of one browser present one refresh token to
// four isolates on one store. Some requests use their new token at once. In some rounds half of the
// requests arrive after the others are done.
import { equal, ok } from '../assert.mjs'
import { createRng } from '../scripted-store.mjs'
import { collectEvents, createKeys, createSignedInBrowser, createTestSite } from '../support.mjs'

const ISOLATES = 4
/**
 * The number of users whose rounds run at the same time, so that the waiting times of a remote
 * store overlap.
 */
const USERS = 4
const LARGEST = 64
const FEW_ROUNDS = 20

export const cases = [
  {
    name: 'concurrent requests with one refresh token get one successor, and no reuse is detected',
    async run(world) {
      const { events, later, options } = collectEvents({
        keys: createKeys(),
        store: world.openStore(),
      })
      const rounds = Math.ceil((world.rounds ?? FEW_ROUNDS) / USERS)
      const life = async (_, n) => {
        const roll = createRng(n)
        const subject = `user-${n}`
        const own = { ...options, store: createSlowStore(options.store, roll) }
        const { sessions, browser, clock } = await createSignedInBrowser(world, own, { subject })
        const others = Array.from(
          { length: ISOLATES - 1 },
          () => createTestSite(world, { ...own, clock: clock.now }).sessions,
        )
        await runSession(
          { isolates: [sessions, ...others], browser, clock, events, later, roll },
          rounds,
        )
        equal(
          (await sessions.list(subject)).map(({ generation }) => generation),
          [rounds],
          'rotations',
        )
      }
      await Promise.all(Array.from({ length: USERS }, life))
    },
  },
]

/** Runs the rounds of one session. */
async function runSession(chain, rounds) {
  for (let n = 1; n <= rounds; n += 1) {
    const size = n % 50 === 0 ? LARGEST : sizeOf(chain.roll)
    await one(chain, size).catch((error) => {
      throw new Error(`round ${n}, ${size} requests: ${error.message}`, { cause: error })
    })
    equal(
      chain.events.splice(0).filter(({ type }) => type === 'reuse_detected'),
      [],
      `reuse events in round ${n}`,
    )
  }
}

/** Sizes from 2 to 64, mostly small ones: few requests can fail in as many ways, and run faster. */
const sizeOf = (roll) => 2 + Math.floor((roll(63) * roll(64)) / 63)

/**
 * One round: the token is due for rotation, and all requests present it. Requests that were
 * rejected are repeated with the current cookies of the browser.
 */
async function one(chain, size) {
  const { browser, clock, later, roll } = chain
  clock.advance(31)
  const late = roll(5) === 0 ? size >> 1 : 0
  const requests = Array.from({ length: size }, () => browser.request())
  const answers = await Promise.all(
    requests.slice(late).map((request) => presentToken(chain, request)),
  )
  // The concurrent-refresh window is over, the in-flight window is not.
  clock.advance(late > 0 ? 11 : 0)
  answers.push(
    ...(await Promise.all(requests.slice(0, late).map((request) => presentToken(chain, request)))),
  )

  equal(new Set(answers.filter(({ ok }) => ok).map(successor)).size, 1, 'distinct successors')
  for (const answer of answers.filter(({ ok }) => !ok)) {
    ok([409, 503].includes(answer.status), `a success, a 409 or a 503, not ${answer.code}`)
    equal(answer.headers?.getSetCookie() ?? [], [], `cookies of ${answer.code}`)
    const again = await presentToken(chain, browser.request())
    ok(again.ok, `a success of the second attempt, not ${again.code}`)
  }
  await Promise.all(later.splice(0))
  ok(
    chain.isolates[roll(ISOLATES)].authenticate(browser.request()).ok,
    'a signed-in browser',
  )
}

/**
 * Sends one request to one isolate. The browser stores the cookies in the order of the responses.
 */
async function presentToken({ isolates, browser, roll }, request) {
  const isolate = isolates[roll(ISOLATES)]
  const answer = await isolate.refresh(request).catch((error) => ({
    ok: false,
    code: error.code,
    status: error.status,
  }))
  if (answer.ok) browser.keep(answer)
  if (answer.ok && roll(3) === 0) {
    ok(isolate.authenticate(browser.request()).ok, 'a valid access token')
  }
  return answer
}

const successor = (answer) =>
  answer.headers.getSetCookie().find((line) => line.includes('-refresh'))?.split(';')[0]

/**
 * Wraps a store so that each call reaches it after a random delay, which changes the order of the
 * calls.
 */
function createSlowStore(store, roll) {
  const after = async (run) => {
    for (let turns = roll(8); turns > 0; turns -= 1) await undefined
    return run()
  }
  return {
    ...store,
    get: (key) => after(() => store.get(key)),
    swap: (...write) => after(() => store.swap(...write)),
  }
}
