/** `portcullis/client` in a real browser, on real sessions: several tabs, lost answers, other origins. */
import { createSite } from './site.mjs'
import { assert } from './world.mjs'

const ROUNDS = 200

export const tabs = [
  ['client: three tabs whose access token has expired make one rotation', together],
  [`client: three tabs, ${ROUNDS} forced refreshes each, nobody is signed out`, (world) => forced(world, {})],
  [`client: the same without Web Locks`, (world) => forced(world, { withoutLocks: true })],
  ['client: the same without Web Locks and BroadcastChannel, on a line that loses one answer in five', lossy],
  ['client: a page that is reloaded in the middle of a refresh stays signed in', reloaded],
  ['client: offline nothing ends, and online it goes on', offline],
  ['client: back and forward, and a page that was put aside hears of the end at its next request', backAndForward],
  ['client: a session that ends in one tab has ended in all of them, once', ended],
  ['client: signing out is told to all tabs', signedOut],
  ['client: 503 with Retry-After is waited for, by requests and by the refresh', busy],
  ['client: the CSRF token goes to the own origin only, and follows no redirect out of it', sameOriginOnly],
  ['client: without the readable cookie the CSRF token is asked for, and asked for anew after the next sign-in', asked],
  ['client: a form of another site is refused, and the session lives on', foreignForm],
  ['client: a frame on another site sees no session, and ends nobody\'s', framed],
]

/** Some tabs of one browser, signed in. `run` gets `ask(tab, path, init)`, which gives the status of an answer. */
async function inTabs(world, count, run, { policy, withoutLocks = false, withoutChannel = false } = {}) {
  const site = await createSite(policy)
  const context = await world.browser.newContext({ baseURL: site.origin })
  context.setDefaultTimeout(60_000)
  if (withoutLocks) await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }))
  if (withoutChannel) await context.addInitScript(() => delete globalThis.BroadcastChannel)
  try {
    const pages = []
    for (let n = 0; n < count; n += 1) pages.push(await open(context))
    assert((await ask(pages[0], '/sign-in', { method: 'POST' })) === 200, 'signed in')
    await run({ site, context, pages })
  } finally {
    await context.close()
    site.close()
  }
}

async function open(context, path = '/') {
  const page = await context.newPage()
  await page.goto(path)
  await ready(page)
  return page
}

const ready = (page) => page.waitForFunction(() => window.client)
const ask = (page, path, init) => page.evaluate(([path, init]) => window.client.fetch(path, init).then(({ status }) => status, ({ name }) => name), [path, init])
const ends = (page) => page.evaluate(() => window.ends)
const same = (actual, expected, what) => assert(JSON.stringify(actual) === JSON.stringify(expected), `${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
const all = (pages, each) => Promise.all(pages.map(each))

async function nobodySignedOut({ site, pages }) {
  same(await all(pages, ends), pages.map(() => []), 'ends')
  same((await site.sessions.list('user-1')).length, 1, 'living sessions')
  site.expire()
  same(await all(pages, (page) => ask(page, '/me')), pages.map(() => 200), 'and the next requests')
}

function together(world) {
  return inTabs(world, 3, async ({ site, pages }) => {
    for (let round = 1; round <= 10; round += 1) {
      site.expire()
      same(await all(pages, (page) => ask(page, '/me')), [200, 200, 200], 'answers')
      same(site.rotations, round, `rotations after round ${round}`)
    }
    // What one tab stored may reach the next one late; more than a few times means that nobody looked.
    assert(site.refreshes <= 12, `${site.refreshes} refreshes in 10 rounds`)
    await nobodySignedOut({ site, pages })
  }, { policy: { throttleSeconds: 30 } })
}

function forced(world, options) {
  return inTabs(
    world,
    3,
    async ({ site, pages }) => {
      const refused = await all(pages, (page) => page.evaluate(many, ROUNDS))
      same(refused, [{}, {}, {}], 'answers that were not good')
      const least = options.withoutLocks ? 3 * ROUNDS : ROUNDS
      assert(site.refreshes >= least, `${site.refreshes} refreshes reached the server: ${least} were meant to`)
      assert(site.rotations >= ROUNDS / 2, `${site.rotations} rotations`)
      await nobodySignedOut({ site, pages })
    },
    options,
  )
}

/** Runs in the page: forced refreshes one after the other, and how many answers were not good. */
async function many(rounds) {
  const bad = {}
  for (let n = 0; n < rounds; n += 1) {
    const said = await window.client.refresh().then(({ ok, status }) => (ok ? '' : status), ({ name }) => name)
    if (said !== '') bad[said] = (bad[said] ?? 0) + 1
  }
  return bad
}

function lossy(world) {
  return inTabs(
    world,
    3,
    async ({ site, pages }) => {
      site.refreshing = async (answer) => {
        if (site.refreshes % 5 === 0) throw new Error('lost')
        return answer
      }
      const refused = await all(pages, (page) => page.evaluate(many, 40))
      for (const bad of refused) same(Object.keys(bad).filter((name) => name !== 'TypeError' && name !== '409'), [], 'answers that were not good')
      assert(refused.some((bad) => bad.TypeError > 0), 'answers were lost')
      site.refreshing = async (answer) => answer
      await nobodySignedOut({ site, pages })
    },
    { withoutLocks: true, withoutChannel: true },
  )
}

function reloaded(world) {
  return inTabs(world, 2, async ({ site, pages }) => {
    site.refreshing = async (answer) => {
      await new Promise((resolve) => setTimeout(resolve, 40))
      return answer
    }
    for (let round = 0; round < 10; round += 1) {
      site.expire()
      const before = site.refreshes
      await pages[0].evaluate(() => void window.client.fetch('/me'))
      while (site.refreshes === before) await new Promise((resolve) => setTimeout(resolve, 2))
      await pages[0].reload()
      await ready(pages[0])
      same(await all(pages, (page) => ask(page, '/me')), [200, 200], `answers after reload ${round}`)
    }
    await nobodySignedOut({ site, pages })
  })
}

function offline(world) {
  return inTabs(world, 2, async ({ site, context, pages }) => {
    site.expire()
    await context.setOffline(true)
    same(await all(pages, (page) => ask(page, '/me')), ['TypeError', 'TypeError'], 'offline')
    same(await pages[0].evaluate(() => window.client.refresh().catch(({ name }) => name)), 'TypeError', 'a refresh, offline')
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
    same(await all(pages, ends), Array(3).fill(Array(2).fill('ERR_SESSION_REVOKED')), 'ends of the second session')
  })
}

async function signedOut(world) {
  for (const withoutChannel of [false, true]) {
    const told = async ({ site, pages }) => {
      same(await pages[1].evaluate(() => window.client.signOut().then(({ status }) => status)), 200, 'the answer')
      await all(pages, (page) => page.waitForFunction(() => window.ends.length > 0))
      same([await all(pages, ends), (await site.sessions.list('user-1')).length], [Array(3).fill(['SIGNED_OUT']), 0], 'ends, and sessions')
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
    site.refreshing = async (answer) => ((failures -= 1) < 0 ? answer : new Response(null, { status: 503, headers: { 'retry-after': '1' } }))
    await nobodySignedOut({ site, pages: [page] })
    assert(failures < 0 && site.refreshes >= 2, 'the refresh was made again')
  })
}

function sameOriginOnly(world) {
  return inTabs(world, 1, async ({ site, pages: [page] }) => {
    const [token] = (await page.context().cookies()).filter(({ name }) => name === 'portcullis-csrf')
    same([await ask(page, '/note', { method: 'POST' }), await ask(page, '/note', { method: 'POST', body: 'x' })], [200, 200], 'the own origin')
    same(await page.evaluate(() => fetch('/note', { method: 'POST' }).then(({ status }) => status)), 403, 'without the client')
    same(await ask(page, `${site.elsewhere}/trap`, { method: 'POST' }), 200, 'another origin')
    same(await ask(page, '/away', { method: 'POST' }), 'TypeError', 'a redirect to another origin')
    const trapped = site.seen.filter(({ path }) => path === '/trap')
    same(trapped.map((one) => [one.method, one.token]), [['POST', null]], 'what the other origin saw')
    assert(site.seen.filter(({ path }) => path === '/note').some((one) => one.token === token.value), 'it is the token of the cookie')
  })
}

function asked(world) {
  return inTabs(
    world,
    2,
    async ({ site, pages }) => {
      const [page, other] = pages
      const tokens = () => site.seen.filter(({ path }) => path === '/session/csrf').length
      const before = tokens()
      for (let n = 0; n < 3; n += 1) same(await ask(page, '/note', { method: 'POST' }), 200, 'a note')
      same(tokens() - before, 1, 'times asked')
      same(await ask(other, '/sign-in', { method: 'POST' }), 200, 'signed in again, elsewhere')
      same(await ask(page, '/note', { method: 'POST' }), 200, 'a note with a token from before')
      site.expire()
      same(await all(pages, (one) => ask(one, '/note', { method: 'POST', body: 'x' })), [200, 200], 'notes with an access token that has expired')
    },
    { policy: { csrfCookie: false } },
  )
}

function foreignForm(world) {
  return inTabs(world, 1, async ({ site, context, pages }) => {
    for (const path of ['/session/refresh', '/session/sign-out', '/note']) {
      const page = await context.newPage()
      await page.goto(`${site.elsewhere}/`)
      const answer = page.waitForResponse((one) => new URL(one.url()).pathname === path)
      await page.evaluate((action) => {
        const form = Object.assign(document.createElement('form'), { method: 'post', action })
        document.body.append(form)
        form.submit()
      }, site.origin + path)
      same((await answer).status(), 403, path)
      await page.close()
    }
    same([site.rotations, await ask(pages[0], '/me')], [0, 200], 'rotations, and the session')
    await nobodySignedOut({ site, pages })
  })
}

function framed(world) {
  return inTabs(world, 1, async ({ site, context, pages }) => {
    const page = await context.newPage()
    await page.goto(`${site.elsewhere}/`)
    await page.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), site.origin + '/')
    const frame = await page.waitForSelector('iframe').then((element) => element.contentFrame())
    await frame.waitForFunction(() => window.client)
    same(await ask(frame, '/me'), 401, 'in the frame')
    same(await ends(frame), ['ERR_REFRESH_MISSING'], 'ends in the frame')
    await page.waitForTimeout(100)
    await nobodySignedOut({ site, pages })
  })
}
