// Steps with tokens that have expired.
import assert from 'node:assert/strict'
import { assertNotShared, moved, portcullisCookies } from './page-checks.mjs'

export async function afterRefresh({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/account')
  assert.match(page.text, /Hello ada/)
  assert.match(page.headers.get('cache-control') ?? '', /no-store/)
  assertNotShared(page)
  moved(before, await ada.cookies())
  const names = portcullisCookies(page).map((line) => line.split('=')[0])
  assert.equal(new Set(names).size, names.length, `set twice: ${names}`)
  assert.deepEqual(portcullisCookies(await ada.go('/account')), [])
}

export async function ownCookies({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/')
  assert.match(page.text, /Welcome, ada/)
  assert.ok(
    page.setCookies.some((line) => line.startsWith('theme=dark;')),
    page.setCookies.join('\n'),
  )
  moved(before, await ada.cookies())
  assert.equal((await ada.cookies({ all: true })).get('theme'), 'dark')
}

export async function samePage({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/sign-in')
  assert.match(page.text, /<form/)
  moved(before, await ada.cookies())
  assert.match(page.headers.get('cache-control') ?? '', /no-store/)
}

export async function data({ ada, later, app }) {
  const before = await ada.cookies()
  await later()
  const { path, headers = {} } = app.data
  const answer = await ada.go(path, { from: 'own', headers: { ...headers, accept: '*/*' } })
  assert.equal(answer.status, 200)
  assert.match(answer.text, /ada/)
  moved(before, await ada.cookies())
}

export async function nowhere({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/nowhere')
  assert.equal(page.status, 404)
  moved(before, await ada.cookies())
}

export async function expiredForm({ ada, later }) {
  const form = await ada.go('/account')
  const before = await ada.cookies()
  await later()
  const page = await ada.submit(form, 0, {})
  assert.match(page.text, /Noted by ada/)
  moved(before, await ada.cookies())
}

export async function scripted({ ada, later, app }) {
  const { path, headers, body } = app.scripted(await ada.go('/account'))
  const before = await ada.cookies()
  await later()
  const answer = await ada.go(path, { method: 'POST', headers, body, from: 'own' })
  assert.match(answer.text, /ada/)
  moved(before, await ada.cookies())
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

/**
 * A prefetch that the package recognises changes nothing. Otherwise its cookies are stored like
 * those of any response.
 */
export async function advanceClock({ ada, later, app }) {
  const { path, headers = {}, marker } = app.ahead
  await later()
  const before = await ada.cookies()
  const answer = await ada.go(path, {
    from: 'own',
    headers: { ...headers, ...marker, accept: '*/*' },
  })
  if (marker === null) moved(before, await ada.cookies())
  else assert.deepEqual([answer.status, await ada.cookies()], [409, before])
  assert.match((await ada.go('/account')).text, /Hello ada/)
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

export async function inner({ ada, later, app }) {
  await later()
  const page = await ada.go('/account')
  assert.match(page.text, app.inner)
}

export async function prefetch({ ada, later }) {
  await later()
  const before = await ada.cookies()
  const prefetched = await ada.go('/account', {
    headers: { 'sec-purpose': 'prefetch' },
    from: 'own',
  })
  assert.equal(prefetched.status, 409)
  assert.equal(JSON.parse(prefetched.text).code, 'ERR_PREFETCH')
  assert.equal(prefetched.headers.get('cache-control'), 'no-store')
  assert.deepEqual(await ada.cookies(), before)
  assert.match((await ada.go('/account')).text, /Hello ada/)
  moved(before, await ada.cookies())
}

export async function threeAtOnce({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const pages = await Promise.all([1, 2, 3].map(() => ada.go('/account')))
  for (const page of pages) assert.match(page.text, /Hello ada/)
  moved(before, await ada.cookies())
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
  assert.equal((await ada.cookies()).size, 2)
}

/** The response to the copy never arrives, so that ada keeps her old cookies. */
export async function lostForm({ ada, later, advance, app }) {
  const { path, headers, body } = app.scripted(await ada.go('/account'))
  await later()
  const answer = await (await ada.twin()).go(path, { method: 'POST', headers, body, from: 'own' })
  assert.match(answer.text, /ada/)
  await advance(200)
  assert.match((await ada.go('/account')).text, /Hello ada/)
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

/**
 * The wait is longer than the concurrent-refresh window and shorter than the lifetime of the token.
 * After it, only a recorded first use could make the returning user look like a thief.
 */
export async function lost({ ada, later, advance }) {
  await later()
  const lost = await (await ada.twin()).go('/account')
  assert.match(lost.text, /Hello ada/)
  await advance(200)
  assert.match((await ada.go('/account')).text, /Hello ada/)
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}
