/** These checks follow one user through the demo. Each check depends on the earlier ones. */
import {
  assert,
  generation,
  isSignedIn,
  open,
  PASSWORD,
  performAction,
  screenshot,
  sessionId,
  settled,
  signIn,
  startDemo,
} from './chromium.mjs'

export const userJourneyChecks = [
  ['a wrong password is rejected with a message', wrongPassword],
  ['a visitor signs in with the keyboard alone', keyboardSignIn],
  ['the cookies are HttpOnly and SameSite=Lax, and no script sees them', cookies],
  ['a refresh soon after the sign-in gives a new access token and does not rotate', refreshTooSoon],
  ['a session survives a restart of the demo', restart],
  ['a refresh rotates, and the generation grows by one', rotates],
  ['a second tab sees the same session', secondTab],
  ['two tabs that refresh at the same moment both stay signed in', twoTabsRefresh],
  ['a reload keeps the session', reload],
  ['an expired access token is refreshed once, and the request is sent again', expiredAccess],
  ['after a 409 the page waits and tries again with the current cookies', supersededToken],
  ['a second browser is listed, and the first browser revokes its session', revokesOther],
  ['a revoked browser shows a message, cannot refresh, and is signed out', revokedRefresh],
  ['"sign out everywhere else" ends the other sessions and keeps this one', revokesOthers],
  ['a user cannot revoke a session of another user by its id', foreignRevoke],
  ['a user must confirm to revoke the current session, and Escape keeps it', confirmsOwn],
  ['a sign-out in one tab signs the other tab out when it reloads', signsOut],
]

async function wrongPassword(world) {
  world.first = await world.visitor()
  world.tab = await open(world.first)
  await world.tab.getByLabel('Name').fill('your name')
  await world.tab.getByLabel('Password', { exact: true }).fill('open barley')
  await performAction(world.tab, () => world.tab.getByRole('button', { name: 'Sign in' }).click())
  assert((await world.tab.getByRole('alert').innerText()).includes('not the password'))
  assert(!(await isSignedIn(world.tab)))
}

async function keyboardSignIn({ tab }) {
  await tab.reload()
  await settled(tab)
  await tabTo(tab, 'name')
  await tab.keyboard.type('your name')
  await tabTo(tab, 'password')
  await tab.keyboard.type(PASSWORD)
  await performAction(tab, () => tab.keyboard.press('Enter'))
  assert(await isSignedIn(tab))
  assert(
    (await tab.evaluate(() => document.activeElement.id)) === 'session-title',
    'the focus should be on the new heading',
  )
  await tabTo(tab, 'refresh')
}

async function cookies({ first, tab }) {
  const all = await first.cookies()
  assert(all.length === 2, `2 cookies expected, not ${all.map(({ name }) => name)}`)
  for (const { name, httpOnly, sameSite, path } of all) {
    assert(httpOnly && sameSite === 'Lax' && path === '/', `${name} has wrong attributes`)
  }
  assert((await tab.evaluate(() => document.cookie)) === '', 'a script can read a cookie')
}

async function refreshTooSoon({ tab }) {
  const said = await refresh(tab)
  assert(said.includes('the refresh token stays'), said)
  assert((await generation(tab)) === 0)
}

/**
 * The demo restarts on the same port and file. The new demo has no minimum rotation interval, so
 * that every refresh below rotates.
 */
async function restart(world) {
  const before = await sessionId(world.tab)
  assert((await world.demo.stop('SIGTERM')) === 0, 'SIGTERM should end the demo with 0')
  const { port } = new URL(world.demo.address)
  world.demo = await startDemo([
    ...world.demo.args,
    '--port',
    port,
    '--min-rotation-interval',
    '0',
    '--access-ttl',
    '60',
  ])
  await world.tab.reload()
  await settled(world.tab)
  assert(await isSignedIn(world.tab))
  assert((await sessionId(world.tab)) === before)
}

async function rotates({ tab }) {
  const before = await generation(tab)
  const said = await refresh(tab)
  assert(said.includes('the refresh token rotated'), said)
  assert((await generation(tab)) === before + 1)
}

async function secondTab(world) {
  world.tab2 = await open(world.first)
  assert((await sessionId(world.tab2)) === (await sessionId(world.tab)))
}

async function twoTabsRefresh({ tab, tab2 }) {
  for (let round = 0; round < 5; round += 1) {
    const said = await Promise.all([refresh(tab), refresh(tab2)])
    assert(said.every((line) => line.includes('Refreshed')), said.join(' / '))
  }
  assert((await isSignedIn(tab)) && (await isSignedIn(tab2)))
  assert((await sessionId(tab)) === (await sessionId(tab2)))
}

async function reload({ tab }) {
  const before = await sessionId(tab)
  await tab.reload()
  await settled(tab)
  assert((await sessionId(tab)) === before)
}

/**
 * An access token can expire in two ways: the browser deletes the cookie, or the server rejects the
 * token as expired.
 */
async function expiredAccess({ first, tab }) {
  const before = await generation(tab)
  await first.clearCookies({ name: /access/i })
  assert(
    (await first.cookies()).every(({ name }) => !/access/i.test(name)),
    'the access cookie should be gone',
  )
  await tab.reload()
  await settled(tab)
  assert((await generation(tab)) === before + 1, 'a refresh should have happened')
  await answerOnce(tab, '/api/session', { status: 401, code: 'ERR_TOKEN_EXPIRED' })
  await tab.reload()
  await settled(tab)
  assert(
    (await isSignedIn(tab)) && (await generation(tab)) === before + 2,
    'one refresh should have happened',
  )
}

async function supersededToken({ tab }) {
  await answerOnce(tab, '/api/refresh', { status: 409, code: 'ERR_SUPERSEDED' })
  const said = await refresh(tab)
  assert(said.includes('Another tab was first') && said.includes('rotated'), said)
}

async function revokesOther(world) {
  world.second = await world.visitor()
  world.otherTab = await open(world.second)
  await signIn(world.otherTab, 'your name')
  await world.tab.reload()
  await settled(world.tab)
  const rows = world.tab.locator('#sessions li')
  assert((await rows.count()) === 2, 'two sessions should be listed')
  assert(
    (await rows.getByText('this one', { exact: true }).filter({ visible: true }).count()) === 1,
    'one session should be marked as the current one',
  )
  assert(
    new Set(await rows.locator('code').allInnerTexts()).size === 2,
    'the two sessions should have different IDs',
  )
  await performAction(world.tab, () => rows.getByRole('button', { name: /^Revoke [^,]+$/ }).click())
  assert((await rows.count()) === 1)
}

async function revokedRefresh({ second, otherTab }) {
  await otherTab.reload()
  await settled(otherTab)
  await screenshot(otherTab, 'ended-elsewhere')
  assert(
    await otherTab.getByText('This session was ended elsewhere').isVisible(),
    'the page should say that the session ended',
  )
  const said = await refresh(otherTab)
  assert(said.includes('ERR_SESSION_REVOKED'), said)
  assert(!(await isSignedIn(otherTab)))
  assert(
    (await second.cookies()).length === 0,
    'the cookies of a revoked session should be cleared',
  )
}

async function revokesOthers({ tab, otherTab }) {
  await signIn(otherTab, 'your name')
  await tab.reload()
  await settled(tab)
  const said = await performAction(
    tab,
    () => tab.getByRole('button', { name: 'Sign out everywhere else' }).click(),
  )
  assert(said.includes('Revoked 1 other session'), said)
  assert((await refresh(otherTab)).includes('ERR_SESSION_REVOKED'))
  assert((await refresh(tab)).includes('rotated'))
}

async function foreignRevoke({ tab, otherTab }) {
  const id = await sessionId(tab)
  await signIn(otherTab, 'another name')
  const status = await otherTab.evaluate(
    async (id) =>
      (await fetch('/api/revoke', { method: 'POST', body: JSON.stringify({ id }) })).status,
    id,
  )
  assert(status === 404, `404 expected, not ${status}`)
  assert((await refresh(tab)).includes('rotated'))
}

async function confirmsOwn({ tab, otherTab }) {
  await otherTab.locator('#sessions').getByRole('button', { name: /Revoke/ }).click()
  await otherTab.keyboard.press('Escape')
  await settled(otherTab)
  assert(await isSignedIn(otherTab), 'Escape should keep the session')
  await otherTab.locator('#sessions').getByRole('button', { name: /Revoke/ }).click()
  await performAction(
    otherTab,
    () => otherTab.getByRole('button', { name: 'Sign out here' }).click(),
  )
  assert(!(await isSignedIn(otherTab)))
  assert(await isSignedIn(tab))
}

async function signsOut({ first, tab, tab2 }) {
  await performAction(tab, () => tab.getByRole('button', { name: 'Sign out', exact: true }).click())
  assert(!(await isSignedIn(tab)))
  assert((await first.cookies()).length === 0, 'a sign-out should clear both cookies')
  await tab2.reload()
  await settled(tab2)
  assert(!(await isSignedIn(tab2)))
}

function refresh(page) {
  return performAction(page, () => page.getByRole('button', { name: 'Refresh now' }).click())
}

/** This function presses Tab until the element has the focus. */
async function tabTo(page, id) {
  for (let presses = 0; presses < 30; presses += 1) {
    if ((await page.evaluate(() => document.activeElement.id)) === id) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the Tab key does not reach #${id}`)
}

/** The next request to this path gets this rejection and never reaches the demo. */
async function answerOnce(page, path, { status, code }) {
  const body = JSON.stringify({ ok: false, status, code, message: 'rejected by the test' })
  await page.route(
    `**${path}`,
    (route) => route.fulfill({ status, body, contentType: 'application/problem+json' }),
    { times: 1 },
  )
}
