/** The page of the demo: the actions of its buttons. view.js shows their results. */
import { refresh, requestWithRefresh, send } from './api.js'
import { log, setClock, showSession, showSessions, showState, tick } from './view.js'

const byId = (id) => document.getElementById(id)

/** Whether an action is running: see `runExclusive`. */
let busy = false

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  runExclusive(signIn)
})
byId('refresh').addEventListener('click', () => runExclusive(refreshNow))
byId('sign-out').addEventListener('click', () => runExclusive(signOut))
byId('revoke-others').addEventListener('click', () => runExclusive(revokeOthers))
// Another tab may have signed out or refreshed while this tab was hidden.
document.addEventListener(
  'visibilitychange',
  () => document.visibilityState === 'visible' && runExclusive(show),
)
setInterval(tick, 1000)
runExclusive(start)

async function start() {
  const signInSession = await show()
  log(signInSession ? 'You are signed in.' : 'No user is signed in here yet.')
}

/** Shows the signed-in user on the page. Gives whether there is one. */
async function show() {
  const access = await requestWithRefresh('GET', '/api/session')
  const list = access.ok ? await requestWithRefresh('GET', '/api/sessions') : access
  if (!list.ok) return showSignedOut(list)
  setClock(list.nowMs)
  showSession(access, list.sessions.find((session) => session.current))
  showSessions(list.sessions, (session) => runExclusive(() => revoke(session)))
  showState('in')
  return true
}

/**
 * Some rejections mean "signed out". Others mean "not now", and the page stays unchanged.
 */
function showSignedOut({ status, code, message }) {
  const wasIn = byId('main').dataset.state === 'in'
  const over = status === 401
  if (over || !wasIn) showState('out')
  if (wasIn && over) byId('sign-in-title').focus()
  if (wasIn || !over) log(message, code)
  return false
}

async function signIn() {
  const { name, password, method } = Object.fromEntries(new FormData(byId('sign-in')))
  const answer = await send('POST', '/api/sign-in', { name, password, method })
  byId('sign-in-error').textContent = answer.ok ? '' : answer.message
  byId('password').setAttribute('aria-invalid', String(answer.code === 'DEMO_PASSWORD'))
  if (!answer.ok) {
    log('The sign-in was rejected.', answer.code)
    return byId('password').focus()
  }
  byId('sign-in').reset()
  log(`Signed in as ${answer.session.subject}, with a new session id.`)
  if (await show()) byId('session-title').focus()
}

async function refreshNow() {
  const answer = await refresh()
  if (answer.waited > 0) {
    log('Another tab was first. This tab waited and used the new cookies.', 'ERR_SUPERSEDED')
  }
  if (!answer.ok) return showSignedOut(answer)
  const { generation } = answer.session
  log(
    answer.rotated
      ? `Refreshed: the refresh token rotated. This is generation ${generation}.`
      : 'Refreshed: a new access token. The last rotation is recent, so the refresh token stays.',
  )
  await show()
}

async function signOut() {
  const answer = await send('POST', '/api/sign-out')
  if (!answer.ok) return log(answer.message, answer.code)
  showSignedOutState(
    answer.revoked
      ? 'Signed out. The session has ended on the server too.'
      : 'Signed out. The session had already ended.',
  )
}

async function revoke(session) {
  if (session.current && !(await confirmAction())) return
  const answer = await requestWithRefresh('POST', '/api/revoke', { id: session.id })
  if (!answer.ok) {
    showSignedOut(answer)
  } else if (session.current) {
    return showSignedOutState('You revoked the session that you were using.')
  } else {
    log(`Revoked: ${session.label ?? 'a session'}. Its next refresh will be rejected.`)
  }
  // The button that had the focus was removed with its row.
  if (await show()) byId('sessions-title').focus()
}

async function revokeOthers() {
  const answer = await requestWithRefresh('POST', '/api/revoke-others')
  if (!answer.ok) return showSignedOut(answer)
  log(
    answer.revoked === 1 ? 'Revoked 1 other session.' : `Revoked ${answer.revoked} other sessions.`,
  )
  if (await show()) byId('sessions-title').focus()
}

function showSignedOutState(message) {
  log(message)
  showState('out')
  byId('sign-in-title').focus()
}

function confirmAction() {
  const dialog = byId('confirm')
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) =>
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  )
}

/** Runs one action at a time: a second press during the first one is ignored. */
async function runExclusive(action) {
  if (busy) return
  busy = true
  byId('main').setAttribute('aria-busy', 'true')
  try {
    await action()
  } finally {
    busy = false
    byId('main').removeAttribute('aria-busy')
  }
}
