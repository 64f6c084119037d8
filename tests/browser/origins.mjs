/** These checks test where the client sends its CSRF token, and what other sites can do. */
import { assert } from './chromium.mjs'
import {
  all,
  assertNobodySignedOut,
  assertSame,
  inTabs,
  requestFromTab,
  sessionEnds,
} from './tab-helpers.mjs'

export const origins = [
  [
    'client: the CSRF token is sent to the same origin only, also when a response redirects',
    sameOriginOnly,
  ],
  [
    'client: the CSRF token is fetched if no cookie has it, and again after the next sign-in',
    asked,
  ],
  ['client: a form of another site is rejected, and the session continues', foreignForm],
  ['client: a frame on another site has no session, and ends no session', framed],
]

function sameOriginOnly(world) {
  return inTabs(world, 1, async ({ site, pages: [page] }) => {
    const [token] = (await page.context().cookies()).filter(({ name }) =>
      name === 'portcullis-csrf'
    )
    assertSame(
      [
        await requestFromTab(page, '/note', { method: 'POST' }),
        await requestFromTab(page, '/note', { method: 'POST', body: 'x' }),
      ],
      [200, 200],
      'the same origin',
    )
    assertSame(
      await page.evaluate(() => fetch('/note', { method: 'POST' }).then(({ status }) => status)),
      403,
      'without the client',
    )
    assertSame(
      await requestFromTab(page, `${site.elsewhere}/trap`, { method: 'POST' }),
      200,
      'another origin',
    )
    assertSame(
      await requestFromTab(page, '/away', { method: 'POST' }),
      'TypeError',
      'a redirect to another origin',
    )
    const trapped = site.seen.filter(({ path }) => path === '/trap')
    assertSame(
      trapped.map((one) => [one.method, one.token]),
      [['POST', null]],
      'the requests to the other origin',
    )
    assert(
      site.seen.filter(({ path }) => path === '/note').some((one) => one.token === token.value),
      'the sent token should be the token of the cookie',
    )
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
      for (let n = 0; n < 3; n += 1) {
        assertSame(await requestFromTab(page, '/note', { method: 'POST' }), 200, 'a note')
      }
      assertSame(tokens() - before, 1, 'requests for the token')
      assertSame(
        await requestFromTab(other, '/sign-in', { method: 'POST' }),
        200,
        'another sign-in in another tab',
      )
      assertSame(
        await requestFromTab(page, '/note', { method: 'POST' }),
        200,
        'a note with the earlier token',
      )
      site.expire()
      assertSame(
        await all(pages, (one) => requestFromTab(one, '/note', { method: 'POST', body: 'x' })),
        [200, 200],
        'notes with an expired access token',
      )
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
      assertSame((await answer).status(), 403, path)
      await page.close()
    }
    assertSame(
      [site.rotations, await requestFromTab(pages[0], '/me')],
      [0, 200],
      'rotations, and the session',
    )
    await assertNobodySignedOut({ site, pages })
  })
}

function framed(world) {
  return inTabs(world, 1, async ({ site, context, pages }) => {
    const page = await context.newPage()
    await page.goto(`${site.elsewhere}/`)
    await page.evaluate(
      (src) => document.body.append(Object.assign(document.createElement('iframe'), { src })),
      `${site.origin}/`,
    )
    const frame = await page.waitForSelector('iframe').then((element) => element.contentFrame())
    await frame.waitForFunction(() => window.client)
    assertSame(await requestFromTab(frame, '/me'), 401, 'in the frame')
    assertSame(await sessionEnds(frame), ['ERR_REFRESH_MISSING'], 'ends in the frame')
    await page.waitForTimeout(100)
    await assertNobodySignedOut({ site, pages })
  })
}
