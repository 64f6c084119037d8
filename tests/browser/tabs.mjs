/** `portcullis/client` in a real browser, on real sessions: several tabs, lost answers, ends. */
import { all, ask, ends, inTabs, nobodySignedOut, ready, same } from './tab-helpers.mjs'
import { assert } from './chromium.mjs'

const ROUNDS = 200

export const tabs = [
  ['client: three tabs whose access token has expired make one rotation', together],
  [
    `client: three tabs, ${ROUNDS} forced refreshes each, nobody is signed out`,
    (world) => forced(world, {}),
  ],
  [`client: the same without Web Locks`, (world) => forced(world, { withoutLocks: true })],
  [
    'client: the same without Web Locks and BroadcastChannel, on a line that loses one answer in five',
    lossy,
  ],
  ['client: a page that is reloaded in the middle of a refresh stays signed in', reloaded],
  ['client: offline nothing ends, and online it goes on', offline],
  [
    'client: back and forward, and a page that was put aside hears of the end at its next request',
    backAndForward,
  ],
  ['client: a session that ends in one tab has ended in all of them, once', ended],
  ['client: signing out is told to all tabs', signedOut],
  ['client: 503 with Retry-After is waited for, by requests and by the refresh', busy],
]

function together(world) {
  return inTabs(world, 3, async ({ site, pages }) => {
    site.refreshing = slowly
    for (let round = 1; round <= 10; round += 1) {
      site.expire()
      same(await all(pages, (page) => ask(page, '/me')), [200, 200, 200], 'answers')
      same(site.rotations, round, `rotations after round ${round}`)
    }
    // What one tab stored may reach the next one late; more than a few times means that nobody
    // looked.
    assert(site.refreshes <= 12, `${site.refreshes} refreshes in 10 rounds`)
    await nobodySignedOut({ site, pages })
  }, { policy: { throttleSeconds: 30 } })
}

function forced(world, options) {
  return inTabs(
    world,
    3,
    async ({ site, pages }) => {
      const rejected = await all(pages, (page) => page.evaluate(many, ROUNDS))
      same(rejected, [{}, {}, {}], 'answers that were not good')
      const least = options.withoutLocks ? 3 * ROUNDS : ROUNDS
      assert(
        site.refreshes >= least,
        `${site.refreshes} refreshes reached the server: ${least} were meant to`,
      )
      assert(site.rotations >= ROUNDS / 2, `${site.rotations} rotations`)
      await nobodySignedOut({ site, pages })
    },
    options,
  )
}

async function slowly(answer) {
  await new Promise((resolve) => setTimeout(resolve, 80))
  return answer
}

/** Runs in the page: forced refreshes one after the other, and how many answers were not good. */
async function many(rounds) {
  const bad = {}
  for (let n = 0; n < rounds; n += 1) {
    const said = await window.client.refresh().then(
      ({ ok, status }) => (ok ? '' : status),
      ({ name }) => name,
    )
    if (said !== '') bad[said] = (bad[said] ?? 0) + 1
  }
  return bad
}

function lossy(world) {
  return inTabs(
    world,
    3,
    async ({ site, pages }) => {
      // On a connection that was used before, Chromium sends a request again by itself, and nothing
      // is lost.
      site.keepAlive = false
      let answers = 0
      site.refreshing = async (answer) => {
        answers += 1
        if (answers % 5 === 0) throw new Error('lost')
        return answer
      }
      const rejected = await all(pages, (page) => page.evaluate(many, 40))
      for (const bad of rejected) {
        same(
          Object.keys(bad).filter((name) => name !== 'TypeError' && name !== '409'),
          [],
          'answers that were not good',
        )
      }
      assert(rejected.some((bad) => bad.TypeError > 0), 'answers were lost')
      site.refreshing = async (answer) => answer
      await nobodySignedOut({ site, pages })
    },
    { withoutLocks: true, withoutChannel: true },
  )
}

function reloaded(world) {
  return inTabs(world, 2, async ({ site, pages }) => {
    site.refreshing = slowly
    for (let round = 0; round < 10; round += 1) {
      site.expire()
      const before = site.refreshes
      await pages[0].evaluate(() => void window.client.fetch('/me'))
      while (site.refreshes === before) await new Promise((resolve) => setTimeout(resolve, 2))
      await pages[0].reload()
      await ready(pages[0])
      await pages[0].waitForFunction(() => fetch('/me').then(({ ok }) => ok), null, {
        polling: 20,
        timeout: 3000,
      })
      same(site.refreshes - before, 1, 'the answer arrived without its page: refreshes')
      site.expire()
      const again = pages[0].evaluate(() => void window.client.fetch('/me')).catch(() => {})
      await pages[0].reload()
      await again
      await ready(pages[0])
      same(
        await all(pages, (page) => ask(page, '/me')),
        [200, 200],
        `answers after reload ${round}`,
      )
    }
    await nobodySignedOut({ site, pages })
  })
}

function offline(world) {
  return inTabs(world, 2, async ({ site, context, pages }) => {
    site.expire()
    await context.setOffline(true)
    same(await all(pages, (page) => ask(page, '/me')), ['TypeError', 'TypeError'], 'offline')
    same(
      await pages[0].evaluate(() => window.client.refresh().catch(({ name }) => name)),
      'TypeError',
      'a refresh, offline',
    )
    await context.setOffline(false)
    await nobodySignedOut({ site, pages })
  })
}

function backAndForward(world) {
  return inTabs(world, 2, async ({ site, pages: [page, other] }) => {
    for (const move of [() => page.goto('/second'), () => page.goBack(), () => page.goForward()]) {
      await move()
      await ready(page)
      site.expire()
      same([await ask(page, '/me'), await ask(other, '/me')], [200, 200], 'answers')
    }
    await nobodySignedOut({ site, pages: [page, other] })
    await page.goto('about:blank')
    await other.evaluate(() => window.client.signOut())
    await page.goBack()
    await ready(page)
    same(await ask(page, '/me'), 401, 'after the end')
    same((await ends(page)).length, 1, 'ends')
  })
}

function ended(world) {
  return inTabs(world, 3, async ({ site, pages }) => {
    await site.sessions.revokeAll('user-1')
    site.expire()
    same(await ask(pages[0], '/me'), 401, 'the answer')
    await all(pages, (page) => page.waitForFunction(() => window.ends.length > 0))
    same(await all(pages, (page) => ask(page, '/me')), [401, 401, 401], 'later answers')
    same(await all(pages, ends), Array(3).fill(['ERR_SESSION_REVOKED']), 'ends')
    same(await ask(pages[1], '/sign-in', { method: 'POST' }), 200, 'signed in again')
    await site.sessions.revokeAll('user-1')
    site.expire()
    await ask(pages[2], '/me')
    await all(pages, (page) => page.waitForFunction(() => window.ends.length > 1))
    same(
      await all(pages, ends),
      Array(3).fill(Array(2).fill('ERR_SESSION_REVOKED')),
      'ends of the second session',
    )
  })
}

async function signedOut(world) {
  for (const withoutChannel of [false, true]) {
    const told = async ({ site, pages }) => {
      same(
        await pages[1].evaluate(() => window.client.signOut().then(({ status }) => status)),
        204,
        'the answer',
      )
      await all(pages, (page) => page.waitForFunction(() => window.ends.length > 0))
      same([await all(pages, ends), (await site.sessions.list('user-1')).length], [
        Array(3).fill(['SIGNED_OUT']),
        0,
      ], 'ends, and sessions')
    }
    await inTabs(world, 3, told, { withoutChannel })
  }
}

function busy(world) {
  return inTabs(world, 1, async ({ site, pages: [page] }) => {
    site.busy = 1
    const startedAt = performance.now()
    same(await ask(page, '/busy'), 200, 'the request')
    assert(performance.now() - startedAt > 950, 'a second was waited')
    let failures = 1
    site.refreshing = async (
      answer,
    ) => ((failures -= 1) < 0
      ? answer
      : new Response(null, { status: 503, headers: { 'retry-after': '1' } }))
    await nobodySignedOut({ site, pages: [page] })
    assert(failures < 0 && site.refreshes >= 2, 'the refresh was made again')
  })
}
