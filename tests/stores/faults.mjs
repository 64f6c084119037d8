// In these cases, 64 browsers refresh while a real engine crashes or loses its connections. Every
// request that fails must get ERR_STORE_UNAVAILABLE. An acknowledged sign-out must not be undone,
// and every other session must continue.
import { createSessions } from 'portcullis'
import { equal, ok } from '../suite/assert.mjs'
import { createRng } from '../suite/scripted-store.mjs'
import { Browser, Clock, createKeys, ORIGIN } from '../suite/support.mjs'

const BROWSERS = 64
/** One browser in 16 signs out before the fault, and one in 16 signs out during the fault. */
const SIGN_OUT_EVERY = 16
const BACK_WITHIN_MS = 15_000

/**
 * This function makes the cases for one store.
 *
 * @param {{ name: string, open: () => import('portcullis').Store, disturbances: Record<string, ()
 * => Promise<unknown>>, rounds?: number, hidden?: boolean }} options `disturbances` maps a title,
 * such as 'is killed and started again', to a function that causes the fault. Without `hidden`, a
 * case fails if no request noticed the fault, because then the fault did not happen. `hidden` is
 * for clients that repeat commands, because these clients can hide a fault from every request.
 */
export function faults({ name, open, disturbances, rounds = 50, hidden = false }) {
  return Object.entries(disturbances).map(([words, disturb]) => ({
    name:
      `64 sessions and their sign-outs survive when the engine ${words} ${rounds} times (${name})`,
    async run() {
      const fuse = new FaultSwitch(open())
      const site = { ...(await populated(fuse.store)), fuse }
      const roll = createRng(7)
      let unavailable = 0
      for (let n = 1; n <= rounds; n += 1) {
        unavailable += await round(site, disturb, roll).catch((error) => {
          throw new Error(`round ${n}: ${error.message}`, { cause: error })
        })
      }
      ok(hidden || unavailable > 0, 'a fault that some request noticed')
    },
  }))
}

/** The site has 64 browsers, each signed in as a different user. */
async function populated(store) {
  const clock = new Clock()
  const alarms = []
  const sessions = createSessions({
    issuer: ORIGIN,
    keys: createKeys(),
    store,
    clock: clock.now,
    onEvent: ({ type }) => type === 'reuse_detected' && alarms.push(type),
  })
  const browsers = Array.from(
    { length: BROWSERS },
    (_, n) => Object.assign(new Browser({ runtime: {} }), { subject: `user-${n}` }),
  )
  const site = { sessions, clock, browsers, alarms }
  await Promise.all(browsers.map((browser) => signIn(site, browser)))
  return site
}

async function signIn({ sessions }, browser) {
  const answer = browser.keep(
    await sessions.signIn(browser.request({ cookie: '' }), { subject: browser.subject }),
  )
  ok(answer.ok, `a sign-in, not ${answer.code}`)
}

/** This function runs one round and counts the requests that found the store unavailable. */
async function round(site, disturb, roll) {
  const { sessions, clock, browsers, alarms, fuse } = site
  clock.advance(31)
  const leaving = new Map()
  const first = roll(SIGN_OUT_EVERY)
  for (let n = first; n < BROWSERS; n += SIGN_OUT_EVERY) {
    leaving.set(browsers[n], await signOut(site, browsers[n]))
  }
  for (const [, left] of leaving) ok(left.acknowledged, 'a sign-out before the fault')

  const others = browsers.filter((browser) => !leaving.has(browser))
  const disturbed = fuse.light(disturb, roll(others.length))
  const second = (first + 1) % SIGN_OUT_EVERY
  const answers = await Promise.all(others.map(async (browser) => {
    const left = browsers.indexOf(browser) % SIGN_OUT_EVERY === second
      ? await signOut(site, browser)
      : undefined
    if (left !== undefined) leaving.set(browser, left)
    return left?.answer ?? answered(() => sessions.refresh(browser.request()), browser)
  }))
  await disturbed()

  const bad = answers.filter((answer) => !answer.ok)
  for (const { code, status } of bad) {
    equal([code, status], ['ERR_STORE_UNAVAILABLE', 503], 'the error during the fault')
  }
  await Promise.all(
    browsers.map((browser) => (leaving.has(browser)
      ? stillOut(site, browser, leaving.get(browser))
      : stillIn(site, browser))
    ),
  )
  equal(alarms.splice(0), [], 'reuse events')
  return bad.length
}

/**
 * This switch starts the fault just before a chosen write. A timer could start the fault too late
 * on a fast machine, and a count of answers could start the fault when all writes are done.
 */
class FaultSwitch {
  #left = -1
  #begin = () => {}

  constructor(store) {
    this.store = {
      capabilities: store.capabilities,
      get: (key) => store.get(key),
      swap: (...write) => {
        if (this.#left >= 0 && (this.#left -= 1) < 0) this.#begin()
        return store.swap(...write)
      },
    }
  }

  /** The returned function waits until the fault is over. */
  light(disturb, writes) {
    let over
    this.#left = writes
    this.#begin = () => {
      over = disturb()
      // The fault is awaited later. Until then, a rejection must not end the process.
      over.catch(() => {})
    }
    return () => {
      ok(over !== undefined, 'a fault during the writes')
      return over
    }
  }
}

async function signOut({ sessions }, browser) {
  const before = browser.cookie
  const answer = await answered(() => sessions.signOut(browser.request()), browser)
  return { before, answer, acknowledged: answer.ok }
}

/** The session must continue, even if the browser lost an answer. */
async function stillIn({ sessions }, browser) {
  const answer = await retryUntilDeadline(() =>
    answered(() => sessions.refresh(browser.request()), browser)
  )
  ok(answer.ok, `${browser.subject} signed in, not ${answer.code}`)
  ok(sessions.authenticate(browser.request()).ok, `${browser.subject} has a valid access token`)
}

/**
 * An acknowledged sign-out must stay. A sign-out without an answer may or may not have been done.
 * The browser signs in again for the next round.
 */
async function stillOut(site, browser, { before, acknowledged }) {
  const answer = await retryUntilDeadline(() =>
    answered(() => site.sessions.refresh(browser.request({ cookie: before })))
  )
  if (acknowledged) {
    equal(
      answer.code,
      'ERR_SESSION_REVOKED',
      `${browser.subject} after an acknowledged sign-out`,
    )
  } else {ok(
      answer.ok || answer.code === 'ERR_SESSION_REVOKED',
      `${browser.subject} signed in or out, not ${answer.code}`,
    )}
  await retryUntilDeadline(() =>
    signIn(site, browser).then(() => ({ ok: true }), (error) => ({ ok: false, code: error.code }))
  )
}

/** This function gives the result of a call, or its error. The browser keeps the cookies. */
async function answered(call, browser) {
  try {
    const answer = await call()
    browser?.keep(answer)
    return answer
  } catch (error) {
    if (error.code === undefined) throw error
    return { ok: false, code: error.code, status: error.status }
  }
}

/**
 * This function repeats a call while the store is unavailable, because an engine and its clients
 * need time to recover.
 */
async function retryUntilDeadline(call) {
  const giveUpAt = performance.now() + BACK_WITHIN_MS
  for (;;) {
    const answer = await call()
    if (answer.code !== 'ERR_STORE_UNAVAILABLE' || performance.now() > giveUpAt) return answer
    await after(50)
  }
}

const after = (ms, run = () => undefined) =>
  new Promise((resolve) => setTimeout(resolve, ms)).then(run)
