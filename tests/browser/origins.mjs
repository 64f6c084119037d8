/** `portcullis/client` between origins: where its CSRF token goes, and what other sites can do. */
import { all, ask, ends, inTabs, nobodySignedOut, same } from './tab-helpers.mjs'
import { assert } from './chromium.mjs'

export const origins = [
  [
    'client: the CSRF token goes to the own origin only, and follows no redirect out of it',
    sameOriginOnly,
  ],
  [
    'client: without the readable cookie the CSRF token is asked for, and asked for anew after the next sign-in',
    asked,
  ],
  ['client: a form of another site is refused, and the session lives on', foreignForm],
  ["client: a frame on another site sees no session, and ends nobody's", framed],
]

function sameOriginOnly(world) {
  return inTabs(world, 1, async ({ site, pages: [page] }) => {
    const [token] = (await page.context().cookies()).filter(({ name }) =>
      name === 'portcullis-csrf'
    )
    same(
      [
        await ask(page, '/note', { method: 'POST' }),
        await ask(page, '/note', { method: 'POST', body: 'x' }),
      ],
      [200, 200],
      'the own origin',
    )
    same(
      await page.evaluate(() => fetch('/note', { method: 'POST' }).then(({ status }) => status)),
      403,
      'without the client',
    )
    same(await ask(page, `${site.elsewhere}/trap`, { method: 'POST' }), 200, 'another origin')
    same(await ask(page, '/away', { method: 'POST' }), 'TypeError', 'a redirect to another origin')
    const trapped = site.seen.filter(({ path }) => path === '/trap')
    same(
      trapped.map((one) => [one.method, one.token]),
      [['POST', null]],
      'what the other origin saw',
    )
    assert(
      site.seen.filter(({ path }) => path === '/note').some((one) => one.token === token.value),
      'it is the token of the cookie',
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
        same(await ask(page, '/note', { method: 'POST' }), 200, 'a note')
      }
      same(tokens() - before, 1, 'times asked')
      same(await ask(other, '/sign-in', { method: 'POST' }), 200, 'signed in again, elsewhere')
      same(await ask(page, '/note', { method: 'POST' }), 200, 'a note with a token from before')
      site.expire()
      same(
        await all(pages, (one) => ask(one, '/note', { method: 'POST', body: 'x' })),
        [200, 200],
        'notes with an access token that has expired',
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
    await page.evaluate(
      (src) => document.body.append(Object.assign(document.createElement('iframe'), { src })),
      `${site.origin}/`,
    )
    const frame = await page.waitForSelector('iframe').then((element) => element.contentFrame())
    await frame.waitForFunction(() => window.client)
    same(await ask(frame, '/me'), 401, 'in the frame')
    same(await ends(frame), ['ERR_REFRESH_MISSING'], 'ends in the frame')
    await page.waitForTimeout(100)
    await nobodySignedOut({ site, pages })
  })
}
