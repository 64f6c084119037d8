// Many signed-in users. Real sign-ins into a store that keeps nothing give the records of the
// prefilled stores, and the cookies of some users, who are chosen at random.
import { createSessions, generateSecret } from 'portcullis'
import { Browser } from '../suite/support.mjs'
import { ISSUER } from './user.mjs'

/**
 * The number of users of a prefilled store who refresh. With fewer, the same records would be read
 * again and again.
 */
const VISITORS = 20_000
const BATCH = 10_000

export class SimulatedSite {
  clock = { ms: Date.now() }
  #keys = { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }

  sessions(store) {
    return createSessions({
      issuer: ISSUER,
      keys: this.#keys,
      store,
      clock: () => this.clock.ms,
      policy: { maxSessionsPerSubject: 64 },
    })
  }

  /**
   * Signs as many users in as the largest level has, and passes their records in batches to
   * `filled(level, records)`. Gives the browsers that will refresh at each level.
   */
  async settle(levels, filled, progress) {
    const visitors = new Map(levels.map((level) => [level, []]))
    const drawn = new Map(levels.map((level) => [level, randomInteger(level)]))
    let batch = []
    const swap = (key, _, { value, expiresAtMs }) =>
      batch.push({ key, value: value.slice(), revision: crypto.randomUUID(), expiresAtMs }) > 0
    const sessions = this.sessions({ get: () => null, swap })
    const all = Math.max(...levels)
    for (let from = 0; from < all; from += batch.length) {
      // A batch ends where a level ends, so that each level takes whole batches.
      const to = Math.min(from + BATCH, ...levels.filter((level) => level > from))
      batch = []
      for (let n = from; n < to; n += 1) {
        const browser = new Browser({ runtime: {} })
        browser.keep(
          await sessions.signIn(browser.request(), {
            subject: `user-${n}`,
            acr: 'aal1',
            amr: ['pwd'],
          }),
        )
        for (const level of levels) {
          if (n < level && drawn.get(level).has(n)) visitors.get(level).push(browser.cookie)
        }
      }
      for (const level of levels) if (to <= level) await filled(level, batch)
      progress(to, all)
    }
    sessions.dispose()
    return visitors
  }
}

/** Draws the numbers of the users who refresh. */
function randomInteger(level) {
  if (level <= VISITORS) return { has: () => true }
  const drawn = new Set()
  while (drawn.size < VISITORS) drawn.add(Math.floor(Math.random() * level))
  return drawn
}

/** Users of one prefilled store who refresh in turn, each with a browser that keeps its cookies. */
export class Visitors {
  #cookies
  #next = 0

  constructor(cookies) {
    this.#cookies = shuffled(cookies)
  }

  /**
   * Gives the next `count` users, with a request for each. No user comes twice before all users
   * have come.
   */
  come(count) {
    return Array.from({ length: count }, () => {
      const place = this.#next++ % this.#cookies.length
      const browser = new Browser({ runtime: {} })
      browser.jar = new Map(
        this.#cookies[place].split('; ').filter(Boolean).map((pair) => pair.split('=')),
      )
      const keep = (answer) => {
        browser.keep(answer)
        this.#cookies[place] = browser.cookie
      }
      return { request: browser.request(), keep }
    })
  }
}

function shuffled(values) {
  const all = [...values]
  for (let n = all.length - 1; n > 0; n -= 1) {
    const other = Math.floor(Math.random() * (n + 1))
    ;[all[n], all[other]] = [all[other], all[n]]
  }
  return all
}
