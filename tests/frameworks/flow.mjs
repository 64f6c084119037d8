// What every app does, asked of each: a step is a sentence and what it takes to believe it. They build on each other.
import assert from 'node:assert/strict'

/** Longer than an access token is good for. */
const LATER = 400

export const STEPS = [
  { name: 'a page for everybody is shown to nobody in particular', run: anybody },
  { name: 'a page that needs a session sends to the sign-in', run: nobody },
  { name: 'who signs in is greeted, and has two cookies', run: signIn },
  { name: 'a good token changes no cookie', run: unchanged },
  { name: 'a form of the own site passes', run: ownForm },
  { name: 'a form of the own site passes by its Origin alone', run: ownFormByOrigin },
  { name: 'a form of another site is refused', run: foreignForm },
  { name: 'a form of another site is refused by its Origin alone', run: foreignFormByOrigin },
  { name: 'what is no form of the framework is refused by the package', run: foreignJson },
  { name: 'an expired token is refreshed on the way, and the page sees the session', run: refreshed },
  { name: "the framework's own cookies are kept beside ours", run: ownCookies },
  { name: 'a page that is the same for everybody never leaves our cookies in a cache', run: samePage },
  { name: "what the framework's script fetches is refreshed too", needs: 'data', run: data },
  { name: 'a page that there is not brings the new cookies all the same', run: nowhere },
  { name: 'a form with an expired token is refreshed and taken', run: expiredForm },
  { name: "a form that the framework's script sends with an expired token is refreshed and taken", needs: 'scripted', run: scripted },
  { name: 'what the framework fetches ahead does no harm', run: ahead },
  { name: 'what a page fetches of its own site while it renders has the new session', needs: 'inner', run: inner },
  { name: 'a prefetch by the browser rotates nothing', run: prefetch },
  { name: 'three loads at once with an expired token are all fine', run: threeAtOnce },
  { name: 'an answer that was lost is given again, though its page was rendered', run: lost },
  { name: 'the routes are there, and tell the session', run: routes },
  { name: 'who signs in anew, with an expired token of another session, has two cookies', run: another },
  { name: 'a session that was ended elsewhere is refused, and its cookies go', run: revoked },
  { name: 'who signs out with an expired token keeps no cookie of ours', run: signOut },
  { name: 'what was signed out stays so', run: replay },
]

async function anybody({ ada }) {
  const page = await ada.go('/')
  assert.equal(page.status, 200)
  assert.match(page.text, /Welcome, nobody/)
  notShared(page)
  assert.equal((await ada.cookies()).size, 0)
}

async function nobody({ ada }) {
  const page = await ada.go('/account')
  assert.equal(page.path, '/sign-in')
  assert.doesNotMatch(page.text, /Hello/)
}

async function signIn({ ada }) {
  const page = await enter(ada, 'ada')
  assert.equal(page.path, '/account')
  assert.match(page.text, /Hello ada/)
  const lines = page.setCookies.filter((line) => line.startsWith('__Host-portcullis'))
  assert.equal(lines.length, 2, lines.join('\n'))
  for (const line of lines) assert.match(line, /^__Host-portcullis-(access|refresh-\d+)=[\w.-]+; (?=.*Path=\/)(?=.*Max-Age=\d+)(?=.*Secure)(?=.*HttpOnly)(?=.*SameSite=Lax)/i)
}

async function unchanged({ ada }) {
  const page = await ada.go('/account')
  assert.match(page.text, /Hello ada/)
  assert.deepEqual(ours(page), [])
}

async function ownForm({ ada }) {
  const page = await ada.submit(await ada.go('/account'), 0, {})
  assert.equal(page.status, 200)
  assert.match(page.text, /Noted by ada/)
}

async function ownFormByOrigin({ ada }) {
  const page = await ada.submit(await ada.go('/account'), 0, {}, { from: 'own, without fetch metadata' })
  assert.match(page.text, /Noted by ada/)
}

async function foreignForm({ ada, app }) {
  const page = await ada.submit(await ada.go('/account'), 0, {}, { from: 'elsewhere' })
  assert.equal(page.status, app.foreign.status)
  assert.doesNotMatch(page.text, /Noted/)
}

async function foreignFormByOrigin({ ada, app }) {
  const page = await ada.submit(await ada.go('/account'), 0, {}, { from: 'elsewhere, without fetch metadata' })
  assert.equal(page.status, app.foreign.status)
  assert.doesNotMatch(page.text, /Noted/)
}

async function foreignJson({ ada, app }) {
  for (const from of ['elsewhere', 'elsewhere, without fetch metadata']) {
    const page = await ada.go(app.foreign.path, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }, from })
    assert.equal(page.status, 403)
    assert.equal(JSON.parse(page.text).code, 'ERR_CROSS_ORIGIN')
  }
}

async function refreshed({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/account')
  assert.match(page.text, /Hello ada/)
  assert.match(page.headers.get('cache-control') ?? '', /no-store/)
  notShared(page)
  moved(before, await ada.cookies())
  const names = ours(page).map((line) => line.split('=')[0])
  assert.equal(new Set(names).size, names.length, `set twice: ${names}`)
  assert.deepEqual(ours(await ada.go('/account')), [])
}

async function ownCookies({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/')
  assert.match(page.text, /Welcome, ada/)
  assert.ok(page.setCookies.some((line) => line.startsWith('theme=dark;')), page.setCookies.join('\n'))
  moved(before, await ada.cookies())
  assert.equal((await ada.cookies({ all: true })).get('theme'), 'dark')
}

async function samePage({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/sign-in')
  assert.match(page.text, /<form/)
  moved(before, await ada.cookies())
  assert.match(page.headers.get('cache-control') ?? '', /no-store/)
}

async function data({ ada, later, app }) {
  const before = await ada.cookies()
  await later()
  const { path, headers = {} } = app.data
  const answer = await ada.go(path, { from: 'own', headers: { ...headers, accept: '*/*' } })
  assert.equal(answer.status, 200)
  assert.match(answer.text, /ada/)
  moved(before, await ada.cookies())
}

async function nowhere({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const page = await ada.go('/nowhere')
  assert.equal(page.status, 404)
  moved(before, await ada.cookies())
}

async function expiredForm({ ada, later }) {
  const form = await ada.go('/account')
  const before = await ada.cookies()
  await later()
  const page = await ada.submit(form, 0, {})
  assert.match(page.text, /Noted by ada/)
  moved(before, await ada.cookies())
}

async function scripted({ ada, later, app }) {
  const { path, headers, body } = app.scripted(await ada.go('/account'))
  const before = await ada.cookies()
  await later()
  const answer = await ada.go(path, { method: 'POST', headers, body, from: 'own' })
  assert.match(answer.text, /ada/)
  moved(before, await ada.cookies())
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

/** Where we see that it is ahead of its time it changes nothing; otherwise its cookies are kept, as those of any answer. */
async function ahead({ ada, later, app }) {
  const { path, headers = {}, marker } = app.ahead
  await later()
  const before = await ada.cookies()
  const answer = await ada.go(path, { from: 'own', headers: { ...headers, ...marker, accept: '*/*' } })
  if (marker === null) moved(before, await ada.cookies())
  else assert.deepEqual([answer.status, await ada.cookies()], [409, before])
  assert.match((await ada.go('/account')).text, /Hello ada/)
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

async function inner({ ada, later, app }) {
  await later()
  const page = await ada.go('/account')
  assert.match(page.text, app.inner)
}

async function prefetch({ ada, later }) {
  await later()
  const before = await ada.cookies()
  const prefetched = await ada.go('/account', { headers: { 'sec-purpose': 'prefetch' }, from: 'own' })
  assert.equal(prefetched.status, 409)
  assert.equal(JSON.parse(prefetched.text).code, 'ERR_PREFETCH')
  assert.equal(prefetched.headers.get('cache-control'), 'no-store')
  assert.deepEqual(await ada.cookies(), before)
  assert.match((await ada.go('/account')).text, /Hello ada/)
  moved(before, await ada.cookies())
}

async function threeAtOnce({ ada, later }) {
  const before = await ada.cookies()
  await later()
  const pages = await Promise.all([1, 2, 3].map(() => ada.go('/account')))
  for (const page of pages) assert.match(page.text, /Hello ada/)
  moved(before, await ada.cookies())
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
  assert.equal((await ada.cookies()).size, 2)
}

/** Longer than two tabs that race, shorter than the life of the token: only a first use could make a thief of who comes back. */
async function lost({ ada, later, advance }) {
  await later()
  const lost = await (await ada.twin()).go('/account')
  assert.match(lost.text, /Hello ada/)
  await advance(200)
  assert.match((await ada.go('/account')).text, /Hello ada/)
  await later()
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

async function routes({ ada }) {
  const { sessions } = await list(ada)
  assert.deepEqual(sessions.map(({ subject, current }) => [subject, current]), [['ada', true]])
  const refused = await ada.go('/session/sign-out', { method: 'POST', from: 'elsewhere' })
  assert.equal(refused.status, 403)
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

async function another({ visitor, later }) {
  const bob = visitor()
  await enter(bob, 'bob')
  const form = await bob.go('/sign-in')
  await later()
  const page = await bob.submit(form, 0, { name: 'cleo' })
  assert.match(page.text, /Hello cleo/)
  assert.deepEqual([...(await bob.cookies()).keys()].map((name) => name.replace(/\d+$/, '')).sort(), ['__Host-portcullis-access', '__Host-portcullis-refresh-'])
  await later()
  assert.match((await bob.go('/account')).text, /Hello cleo/)
}

async function revoked({ ada, visitor, later }) {
  const elsewhere = visitor()
  await enter(elsewhere, 'ada')
  const { id } = (await list(ada)).sessions.find(({ current }) => !current)
  const answer = await ada.go('/session/revoke', { method: 'POST', body: JSON.stringify({ id }), from: 'own' })
  assert.equal(answer.status, 204)
  await later()
  const page = await elsewhere.go('/account')
  assert.equal(page.path, '/sign-in')
  assert.equal((await elsewhere.cookies()).size, 0)
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

async function signOut(world) {
  const { ada, later } = world
  const form = await ada.go('/account')
  world.kept = await ada.twin()
  await later()
  await ada.submit(form, 1, {}, { follow: false })
  assert.deepEqual([...(await ada.cookies({ all: true })).keys()], ['theme'])
  assert.match((await ada.go('/')).text, /Welcome, nobody/)
}

async function replay({ kept }) {
  const page = await kept.go('/account')
  assert.equal(page.path, '/sign-in')
  assert.equal((await kept.cookies()).size, 0)
}

/** What the steps stand on. */
export function worldOf(app, { address, advance }, Visitor) {
  const site = { address, origin: address.replace('http:', `${app.scheme}:`), secureAddress: address.replace('http:', 'https:') }
  const visitor = () => new Visitor(site)
  return { app, visitor, ada: visitor(), advance, later: () => advance(LATER) }
}

async function enter(visitor, name) {
  return visitor.submit(await visitor.go('/sign-in'), 0, { name })
}

async function list(visitor) {
  const answer = await visitor.go('/session/list', { from: 'own' })
  assert.equal(answer.status, 200, answer.text)
  return JSON.parse(answer.text)
}

/** No cache gives it to somebody else. */
function notShared({ headers }) {
  const isKept = !/no-store|private/.test(headers.get('cache-control') ?? '')
  if (isKept) assert.match(headers.get('vary') ?? '', /cookie/i)
}

function ours({ setCookies }) {
  return setCookies.filter((line) => line.startsWith('__Host-portcullis'))
}

/** One access token and one refresh token before, and both are others now. */
function moved(before, after) {
  assert.equal(before.size, 2, [...before.keys()].join(', '))
  assert.equal(after.size, 2, [...after.keys()].join(', '))
  const old = new Set(before.values())
  for (const [name, value] of after) assert.ok(!old.has(value), `${name} is the same as before`)
}
