/** These checks read the production cookies back from Chromium over the DevTools protocol. */
import { assertSame, inTabs } from './tab-helpers.mjs'

export const cookies = [
  ['cookies: Chromium keeps every cookie with its attributes, and no stale cookie', kept],
  ['cookies: the policy sets the path, and can limit cookies to the browser session', limited],
]

/**
 * Chromium treats http://localhost as secure, so cookies with prefixes and Secure work without a
 * certificate.
 */
const PRODUCTION = { development: false }

function kept(world) {
  return inTabs(world, 1, async ({ site, context, pages: [page] }) => {
    const jar = await devtools(context, page)
    assertSame(await jar(), [
      '__Host-portcullis-access / Secure HttpOnly Lax until a deadline',
      '__Host-portcullis-csrf / Secure Lax until a deadline',
      '__Host-portcullis-refresh-0 / Secure HttpOnly Lax until a deadline',
    ], 'after a sign-in')
    for (let n = 1; n <= 3; n += 1) {
      site.aheadMs += 31_000
      assertSame(
        await page.evaluate(() => window.client.refresh().then(({ status }) => status)),
        200,
        'a refresh',
      )
      assertSame((await jar()).filter((line) => line.includes('refresh')), [
        `__Host-portcullis-refresh-${n} / Secure HttpOnly Lax until a deadline`,
      ], 'refresh cookies')
    }
    assertSame(
      await page.evaluate(() => document.cookie.split('; ').map((pair) => pair.split('=')[0])),
      [
        '__Host-portcullis-csrf',
      ],
      'the cookies that scripts can read',
    )
    await page.evaluate(() => window.client.signOut())
    assertSame(await jar(), [], 'after a sign-out')
  }, { policy: PRODUCTION })
}

function limited(world) {
  return inTabs(world, 1, async ({ site, context, pages: [page] }) => {
    const jar = await devtools(context, page)
    assertSame(await jar(), [
      '__Host-shop-access / Secure HttpOnly Strict until closed',
      '__Secure-shop-refresh-0 /session Secure HttpOnly Strict until closed',
    ], 'after a sign-in')
    site.aheadMs += 31_000
    assertSame(
      await page.evaluate(() => window.client.refresh().then(({ status }) => status)),
      200,
      'a refresh',
    )
    assertSame(
      (await jar())[1],
      '__Secure-shop-refresh-1 /session Secure HttpOnly Strict until closed',
      'after a refresh',
    )
  }, {
    policy: {
      ...PRODUCTION,
      csrf: 'origin',
      csrfCookie: false,
      cookieName: 'shop',
      sameSite: 'strict',
      refreshPath: '/session',
      cookiePersistence: 'browser-session',
    },
  })
}

/** The returned function lists every cookie that Chromium has, one line each. */
async function devtools(context, page) {
  const session = await context.newCDPSession(page)
  return async () => {
    const { cookies: all } = await session.send('Network.getAllCookies')
    const lines = all.map(
      ({ name, path, secure, httpOnly, sameSite, session: isOfSession, domain }) => {
        assertSame(domain, 'localhost', `the domain of ${name}`)
        return [
          name,
          path,
          secure && 'Secure',
          httpOnly && 'HttpOnly',
          sameSite,
          isOfSession ? 'until closed' : 'until a deadline',
        ].filter(Boolean).join(' ')
      },
    )
    return lines.sort()
  }
}
