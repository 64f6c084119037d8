/**
 * Shows sessions on the page. Every received value is inserted as text, never as markup.
 */
import { absolute, clock, duration, relative } from './time.js'

const LOG_LENGTH = 60

const byId = (id) => document.getElementById(id)

/**
 * The time by which the clock of the server is ahead of the clock of the browser. Deadlines are
 * compared with the clock of the server.
 */
let aheadMs = 0

/** The times at which the access token was issued and at which it expires. */
let accessToken = null

export function setClock(nowMs) {
  aheadMs = nowMs - Date.now()
}

const now = () => Date.now() + aheadMs

/** `state` is 'in' or 'out' and selects the visible sections. */
export function showState(state) {
  byId('main').dataset.state = state
  for (const section of document.querySelectorAll('[data-shown]')) {
    section.hidden = !section.dataset.shown.split(' ').includes(state)
  }
}

/**
 * `access` has the claims of the access token, `session` the record of the store, if it was read.
 */
export function showSession(access, session) {
  accessToken = { issuedAtMs: access.issuedAtMs, expiresAtMs: access.session.expiresAtMs }
  const known = session ?? access.session
  fill(byId('session-title').closest('section'), { ...known, ...derived(known) })
  showEnded(session === undefined)
  tick()
}

export function showSessions(sessions, onRevoke) {
  byId('session-count').textContent = `(${sessions.length})`
  byId('sessions').replaceChildren(...sessions.map((session) => row(session, onRevoke)))
  byId('revoke-others').disabled = !sessions.some((session) => !session.current)
  tick()
}

/** Adds a line to the top of the log. `code` is the code of the server. */
export function log(text, code) {
  const entry = document.createElement('li')
  const time = document.createElement('time')
  time.textContent = clock(Date.now())
  time.dateTime = new Date().toISOString()
  entry.append(time, part('span', text))
  if (code) entry.append(part('code', code))
  byId('log').prepend(entry)
  while (byId('log').children.length > LOG_LENGTH) byId('log').lastElementChild.remove()
}

/** Updates the times every second, without moving the layout. */
export function tick() {
  for (const moment of document.querySelectorAll('time[data-at]')) {
    setText(moment, relative(Number(moment.dataset.at), now()))
  }
  if (accessToken !== null) showTokenLife(accessToken)
}

function showTokenLife({ issuedAtMs, expiresAtMs }) {
  const left = Math.max(0, expiresAtMs - now())
  byId('token-life').value = left / (expiresAtMs - issuedAtMs)
  setText(
    byId('token-left'),
    left > 0 ? `${duration(left)} left` : 'expired; the next request refreshes it',
  )
}

/**
 * Shows that the session is revoked, although its access token is still valid because its check
 * does not read the store.
 */
function showEnded(ended) {
  byId('ended').hidden = !ended
  byId('ended').textContent = ended
    ? 'This session was ended elsewhere. '
      + 'Its access token stays valid until it expires. A refresh will be rejected.'
    : ''
}

function row(session, onRevoke) {
  const item = byId('session-row').content.firstElementChild.cloneNode(true)
  item.dataset.id = session.id
  fill(item, { ...session, ...derived(session) })
  item.querySelector('[data-current]').hidden = !session.current
  item.toggleAttribute('data-mine', session.current)
  item.querySelector('[data-revoke]').addEventListener('click', () => onRevoke(session))
  return item
}

function derived({ acr, amr, id, label, current }) {
  return {
    assurance: [acr, amr.join(' + ')].filter(Boolean).join(', ') || 'not said',
    // The end of the ID is shown, because all IDs of one subject begin with the name of its record.
    shortId: `…${id.slice(-12)}`,
    revokeWhat: ` ${label ?? 'session'}${current ? ', this one' : ''}`,
  }
}

/**
 * Fills every [data-field] with text and every [data-moment] with a time. A dash stands for no
 * value.
 */
function fill(root, values) {
  for (const field of root.querySelectorAll('[data-field]')) {
    setText(field, String(values[field.dataset.field] ?? '–'))
  }
  for (const slot of root.querySelectorAll('[data-moment]')) {
    const atMs = values[slot.dataset.moment]
    slot.replaceChildren(...(atMs === undefined ? ['–'] : moment(atMs, 'brief' in slot.dataset)))
  }
}

function moment(atMs, brief) {
  const time = part('time', relative(atMs, now()))
  time.dateTime = new Date(atMs).toISOString()
  time.dataset.at = atMs
  time.title = absolute(atMs)
  return brief ? [time] : [time, part('span', absolute(atMs))]
}

function part(name, text) {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

/** Changes the text only if it differs, so that a screen reader or a selection is not disturbed. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}
