/**
 * Puts sessions on the page. Everything that came over the wire goes in as text, never as markup.
 */
import { absolute, clock, duration, relative } from './time.js'

const LOG_LENGTH = 60

const byId = (id) => document.getElementById(id)

/**
 * How far the server's clock is ahead of ours. Deadlines are the server's, so we count by its
 * clock.
 */
let aheadMs = 0

/** When the access token was issued and when it ends. */
let accessToken = null

export function setClock(nowMs) {
  aheadMs = nowMs - Date.now()
}

const now = () => Date.now() + aheadMs

/** `state` is 'in' or 'out': which sections are there at all. */
export function showState(state) {
  byId('main').dataset.state = state
  for (const section of document.querySelectorAll('[data-shown]')) {
    section.hidden = !section.dataset.shown.split(' ').includes(state)
  }
}

/**
 * `access` is what the access token says, `session` what the record says; without a record the
 * token is all there is.
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

/** One line for the log, the newest on top. `code` is what the server called it. */
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

/** Every second: the words move, the boxes do not. */
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
    left > 0 ? `${duration(left)} left` : 'over; the next request refreshes it',
  )
}

/**
 * A revoked session that still has a young access token: the price of checking without a store,
 * said openly.
 */
function showEnded(ended) {
  byId('ended').hidden = !ended
  byId('ended').textContent = ended
    ? 'This session was ended elsewhere. Its access token is still believed until it runs out. A refresh will be refused.'
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
    // The end of it: all ids of one subject begin alike, because each holds the name of the
    // subject's record.
    shortId: `…${id.slice(-12)}`,
    revokeWhat: ` ${label ?? 'session'}${current ? ', this one' : ''}`,
  }
}

/**
 * Fills every [data-field] with text and every [data-moment] with a moment. What is not known shows
 * as a dash.
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

/** Only what changed, so that a screen reader or a selection is not disturbed every second. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}
