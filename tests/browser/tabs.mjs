/** These checks run `portcullis/client` in several tabs of a real browser, with real sessions. */
import { assert } from './chromium.mjs'
import {
  all,
  assertNobodySignedOut,
  assertSame,
  inTabs,
  ready,
  requestFromTab,
  sessionEnds,
} from './tab-helpers.mjs'

const ROUNDS = 200

export const tabs = [
  ['client: three tabs with an expired access token rotate the refresh token once', together],
  [
    `client: three tabs stay signed in during ${ROUNDS} forced refreshes each`,
    (world) => forced(world, {}),
  ],
  [
    `client: three tabs stay signed in without Web Locks`,
    (world) => forced(world, { withoutLocks: true }),
  ],
  [
    'client: tabs stay signed in without Web Locks and BroadcastChannel when answers are lost',
    lossy,
  ],
  ['client: a page that is reloaded in the middle of a refresh stays signed in', reloaded],
  ['client: a session does not end while the browser is offline', offline],
  [
    'client: back and forward keep the session, and an old page notices a sign-out',
    backAndForward,
  ],
  ['client: a session that ends in one tab ends once in every tab', ended],
  ['client: a sign-out is reported to every tab', signedOut],
  ['client: requests and refreshes are repeated after a 503 with Retry-After', runWhileBusy],
]

function together(world) {
  return inTabs(world, 3, async ({ site, pages }) => {
    site.refreshing = slowly
    for (let round = 1; round <= 10; round += 1) {
      site.expire()
      assertSame(
        await all(pages, (page) => requestFromTab(page, '/me')),
        [200, 200, 200],
        'answers',
      )
      assertSame(site.rotations, round, `rotations after round ${round}`)
    }
    // A tab may see the refresh of another tab too late and refresh again. Many extra refreshes
    // mean that the tabs do not share their refreshes.
    assert(site.refreshes <= 12, `${site.refreshes} refreshes in 10 rounds`)
    await assertNobodySignedOut({ site, pages })
  }, { policy: { minRotationIntervalSeconds: 30 } })
}

function forced(world, options) {
  return inTabs(
    world,
    3,
    async ({ site, pages }) => {
      const rejected = await all(pages, (page) => page.evaluate(many, ROUNDS))
      assertSame(rejected, [{}, {}, {}], 'failed refreshes')
      const least = options.withoutLocks ? 3 * ROUNDS : ROUNDS
      assert(
        site.refreshes >= least,
        `${site.refreshes} refreshes reached the server, fewer than ${least}`,
      )
      assert(site.rotations >= ROUNDS / 2, `${site.rotations} rotations`)
      await assertNobodySignedOut({ site, pages })
    },
    options,
  )
}

async function slowly(answer) {
  await new Promise((resolve) => setTimeout(resolve, 80))
  return answer
}

/** This function runs in the page. The result counts the forced refreshes that failed. */
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
      // Chromium repeats a request that fails on a reused connection. A new connection for each
      // request makes sure that the answer is lost.
      site.keepAlive = false
      let answers = 0
      site.refreshing = async (answer) => {
        answers += 1
        if (answers % 5 === 0) throw new Error('lost')
        return answer
      }
      const rejected = await all(pages, (page) => page.evaluate(many, 40))
      for (const bad of rejected) {
        assertSame(
          Object.keys(bad).filter((name) => name !== 'TypeError' && name !== '409'),
          [],
          'failed refreshes',
        )
      }
      assert(rejected.some((bad) => bad.TypeError > 0), 'some answers should be lost')
      site.refreshing = async (answer) => answer
      await assertNobodySignedOut({ site, pages })
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
      assertSame(
        site.refreshes - before,
        1,
        'refreshes after the page that sent the request was reloaded',
      )
      site.expire()
      const again = pages[0].evaluate(() => void window.client.fetch('/me')).catch(() => {})
      await pages[0].reload()
      await again
      await ready(pages[0])
      assertSame(
        await all(pages, (page) => requestFromTab(page, '/me')),
        [200, 200],
        `answers after reload ${round}`,
      )
    }
    await assertNobodySignedOut({ site, pages })
  })
}

function offline(world) {
  return inTabs(world, 2, async ({ site, context, pages }) => {
    site.expire()
    await context.setOffline(true)
    assertSame(
      await all(pages, (page) => requestFromTab(page, '/me')),
      ['TypeError', 'TypeError'],
      'offline',
    )
    assertSame(
      await pages[0].evaluate(() => window.client.refresh().catch(({ name }) => name)),
      'TypeError',
      'a refresh, offline',
    )
    await context.setOffline(false)
    await assertNobodySignedOut({ site, pages })
  })
}

function backAndForward(world) {
  return inTabs(world, 2, async ({ site, pages: [page, other] }) => {
    for (const move of [() => page.goto('/second'), () => page.goBack(), () => page.goForward()]) {
      await move()
      await ready(page)
      site.expire()
      assertSame([await requestFromTab(page, '/me'), await requestFromTab(other, '/me')], [
        200,
        200,
      ], 'answers')
    }
    await assertNobodySignedOut({ site, pages: [page, other] })
    await page.goto('about:blank')
    await other.evaluate(() => window.client.signOut())
    await page.goBack()
    await ready(page)
    assertSame(await requestFromTab(page, '/me'), 401, 'after the end')
    assertSame((await sessionEnds(page)).length, 1, 'ends')
  })
}

function ended(world) {
  return inTabs(world, 3, async ({ site, pages }) => {
    await site.sessions.revokeAll('user-1')
    site.expire()
    assertSame(await requestFromTab(pages[0], '/me'), 401, 'the answer')
    await all(pages, (page) => page.waitForFunction(() => window.ends.length > 0))
    assertSame(
      await all(pages, (page) => requestFromTab(page, '/me')),
      [401, 401, 401],
      'later answers',
    )
    assertSame(await all(pages, sessionEnds), Array(3).fill(['ERR_SESSION_REVOKED']), 'ends')
    assertSame(
      await requestFromTab(pages[1], '/sign-in', { method: 'POST' }),
      200,
      'signed in again',
    )
    await site.sessions.revokeAll('user-1')
    site.expire()
    await requestFromTab(pages[2], '/me')
    await all(pages, (page) => page.waitForFunction(() => window.ends.length > 1))
    assertSame(
      await all(pages, sessionEnds),
      Array(3).fill(Array(2).fill('ERR_SESSION_REVOKED')),
      'ends of the second session',
    )
  })
}

async function signedOut(world) {
  for (const withoutChannel of [false, true]) {
    const told = async ({ site, pages }) => {
      assertSame(
        await pages[1].evaluate(() => window.client.signOut().then(({ status }) => status)),
        204,
        'the answer',
      )
      await all(pages, (page) => page.waitForFunction(() => window.ends.length > 0))
      assertSame([await all(pages, sessionEnds), (await site.sessions.list('user-1')).length], [
        Array(3).fill(['SIGNED_OUT']),
        0,
      ], 'ends, and sessions')
    }
    await inTabs(world, 3, told, { withoutChannel })
  }
}

function runWhileBusy(world) {
  return inTabs(world, 1, async ({ site, pages: [page] }) => {
    site.busy = 1
    const startedAt = performance.now()
    assertSame(await requestFromTab(page, '/busy'), 200, 'the request')
    assert(performance.now() - startedAt > 950, 'the client should wait for a second')
    let failures = 1
    site.refreshing = async (
      answer,
    ) => ((failures -= 1) < 0
      ? answer
      : new Response(null, { status: 503, headers: { 'retry-after': '1' } }))
    await assertNobodySignedOut({ site, pages: [page] })
    assert(failures < 0 && site.refreshes >= 2, 'the refresh should be repeated')
  })
}
