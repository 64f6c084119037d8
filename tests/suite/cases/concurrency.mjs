// Crowds: 2 to 64 requests of one browser present one refresh token at once, to four isolates on
// one store, round after round. Some use what they got at once, and in some rounds half of them
// come so late that the others are done.
import { equal, ok } from '../assert.mjs'
import { createRng } from '../scripted-store.mjs'
import { collectEvents, createKeys, createSignedInBrowser, createTestSite } from '../support.mjs'

const ISOLATES = 4
/**
 * So many users have their crowds at the same time: a store that is far away is then not waited for
 * by one alone.
 */
const USERS = 4
const LARGEST = 64
const FEW_ROUNDS = 20

export const cases = [
  {
    name:
      'in a crowd that presents one refresh token there is one successor, everybody goes on, and nobody raises an alarm',
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

/** Round after round of one chain. */
async function runSession(chain, rounds) {
  for (let n = 1; n <= rounds; n += 1) {
    const size = n % 50 === 0 ? LARGEST : sizeOf(chain.roll)
    await one(chain, size).catch((error) => {
      throw new Error(`round ${n}, a crowd of ${size}: ${error.message}`, { cause: error })
    })
    equal(
      chain.events.splice(0).filter(({ type }) => type === 'reuse_detected'),
      [],
      `alarms in round ${n}`,
    )
  }
}

/** From 2 to 64, more of them small: two or three can go wrong in as many ways, and sooner. */
const sizeOf = (roll) => 2 + Math.floor((roll(63) * roll(64)) / 63)

/**
 * One round: the token is due, all present it, and those who were sent back try again with what the
 * browser has then.
 */
async function one(chain, size) {
  const { browser, clock, later, roll } = chain
  clock.advance(31)
  const late = roll(5) === 0 ? size >> 1 : 0
  const requests = Array.from({ length: size }, () => browser.request())
  const answers = await Promise.all(
    requests.slice(late).map((request) => presentToken(chain, request)),
  )
  // More than a race, less than a request may be under way.
  clock.advance(late > 0 ? 11 : 0)
  answers.push(
    ...(await Promise.all(requests.slice(0, late).map((request) => presentToken(chain, request)))),
  )

  equal(new Set(answers.filter(({ ok }) => ok).map(successor)).size, 1, 'distinct successors')
  for (const answer of answers.filter(({ ok }) => !ok)) {
    ok([409, 503].includes(answer.status), `an answer, a 409 or a 503, not ${answer.code}`)
    equal(answer.headers?.getSetCookie() ?? [], [], `cookies of ${answer.code}`)
    const again = await presentToken(chain, browser.request())
    ok(again.ok, `an answer to the second try, not ${again.code}`)
  }
  await Promise.all(later.splice(0))
  ok(
    chain.isolates[roll(ISOLATES)].authenticate(browser.request()).ok,
    'a browser that is signed in',
  )
}

/**
 * One request to one isolate. The browser stores the cookies in the order of the responses.
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
    ok(isolate.authenticate(browser.request()).ok, 'an access token that is believed')
  }
  return answer
}

const successor = (answer) =>
  answer.headers.getSetCookie().find((line) => line.includes('-refresh'))?.split(';')[0]

/**
 * The same store, which each call reaches after a random delay, so that calls change their order.
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
