/** These helpers run checks of `portcullis/client` in several tabs of one browser. */
import { assert } from './chromium.mjs'
import { createSite } from './site.mjs'

/**
 * This function opens `count` tabs of one browser, signs the user in, and calls `run` with { site,
 * context, pages }.
 */
export async function inTabs(
  world,
  count,
  run,
  { policy, withoutLocks = false, withoutChannel = false } = {},
) {
  const site = await createSite(policy)
  const browserContext = await world.browser.newContext({ baseURL: site.origin })
  browserContext.setDefaultTimeout(60_000)
  if (withoutLocks) {
    await browserContext.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
    )
  }
  if (withoutChannel) await browserContext.addInitScript(() => delete globalThis.BroadcastChannel)
  try {
    const pages = []
    for (let n = 0; n < count; n += 1) pages.push(await open(browserContext))
    assert((await requestFromTab(pages[0], '/sign-in', { method: 'POST' })) === 200, 'signed in')
    await run({ site, context: browserContext, pages })
  } finally {
    await browserContext.close()
    site.close()
  }
}

async function open(context, path = '/') {
  const page = await context.newPage()
  await page.goto(path)
  await ready(page)
  return page
}

export const ready = (page) => page.waitForFunction(() => window.client)
export const requestFromTab = (page, path, init) =>
  page.evaluate(
    ([path, init]) =>
      window.client.fetch(path, init).then(({ status }) => status, ({ name }) => name),
    [path, init],
  )
export const sessionEnds = (page) => page.evaluate(() => window.ends)
export const assertSame = (actual, expected, what) =>
  assert(
    JSON.stringify(actual) === JSON.stringify(expected),
    `${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`,
  )
export const all = (pages, each) => Promise.all(pages.map(each))

export async function assertNobodySignedOut({ site, pages }) {
  assertSame(await all(pages, sessionEnds), pages.map(() => []), 'ends')
  assertSame((await site.sessions.list('user-1')).length, 1, 'active sessions')
  site.expire()
  assertSame(
    await all(pages, (page) => requestFromTab(page, '/me')),
    pages.map(() => 200),
    'the next requests',
  )
}
