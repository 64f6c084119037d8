/**
 * The JSON routes, which a site that uses portcullis writes itself.
 *
 * A rejection of the package passes through as it is: its status, its code, its headers. The origin
 * of every unsafe request is checked inside `authenticate`, `signIn`, `refresh` and `signOut`, so
 * each route below begins with one of them.
 */
import { browserLabel } from './label.mjs'
import { Problem } from './problem.mjs'

/**
 * The page shows this password. A real site compares a slow, salted hash in constant time, and
 * limits the attempts.
 */
const PASSWORD = 'open sesame'

/** The authentication context (acr) and methods (amr) of each way to sign in to the demo. */
const METHODS = new Map([
  ['password', { acr: 'aal1', amr: ['pwd'] }],
  ['password-and-code', { acr: 'aal2', amr: ['pwd', 'otp'] }],
])

const ROUTES = {
  '/api/sign-in': { POST: signIn },
  '/api/session': { GET: session },
  '/api/refresh': { POST: refresh },
  '/api/sign-out': { POST: signOut },
  '/api/sessions': { GET: list },
  '/api/revoke': { POST: revoke },
  '/api/revoke-others': { POST: revokeOthers },
}

export function createApi(sessions) {
  return async (request, path) => {
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
    if (route === undefined) {
      throw new Problem(404, 'DEMO_NOT_FOUND', 'There is no such route here.')
    }
    if (!Object.hasOwn(route, request.method)) {
      throw new Problem(405, 'DEMO_METHOD', `This route accepts only ${Object.keys(route)}.`)
    }
    return route[request.method](sessions, request)
  }
}

async function signIn(sessions, request) {
  const { name, password, method = 'password' } = await readJson(request)
  const subject = typeof name === 'string' ? name.trim().normalize('NFC') : ''
  if (subject.length < 1 || subject.length > 64) {
    throw new Problem(400, 'DEMO_NAME', 'Please enter a name of 1 to 64 characters.')
  }
  if (!METHODS.has(method)) {
    throw new Problem(
      400,
      'DEMO_SIGN_IN_METHOD',
      `Please choose one of: ${[...METHODS.keys()].join(', ')}.`,
    )
  }
  if (password !== PASSWORD) {
    throw new Problem(
      401,
      'DEMO_PASSWORD',
      'That is not the password. The hint below the field shows it.',
    )
  }
  const label = browserLabel(request.headers.get('user-agent'))
  const answer = await sessions.signIn(request, { subject, label, ...METHODS.get(method) })
  return reply(answer, () => ({ session: answer.session }))
}

/** Most requests of a site need no more than this, and no store read. */
function session(sessions, request) {
  const answer = sessions.authenticate(request)
  return reply(answer, () => ({ session: answer.session, issuedAtMs: answer.claims.iat * 1000 }))
}

/**
 * The access token goes to the browser in an HttpOnly cookie only, so that no script can read it.
 */
async function refresh(sessions, request) {
  const answer = await sessions.refresh(request)
  return reply(answer, () => ({ session: answer.session, rotated: answer.rotated }))
}

async function signOut(sessions, request) {
  const answer = await sessions.signOut(request)
  return reply(answer, () => ({ revoked: answer.revoked }))
}

async function list(sessions, request) {
  const answer = sessions.authenticate(request)
  if (!answer.ok) return reply(answer)
  const all = await sessions.list(answer.session.subject)
  return reply(
    answer,
    () => ({ sessions: all.map((each) => ({ ...each, current: each.id === answer.session.id })) }),
  )
}

async function revoke(sessions, request) {
  const answer = sessions.authenticate(request)
  if (!answer.ok) return reply(answer)
  const { id } = await readJson(request)
  const mine = await listSessionsOfUser(sessions, answer.session)
  // The owner must be checked here, because a session ID is not a secret and `revoke` ends any
  // session.
  if (!mine.some((each) => each.id === id)) {
    throw new Problem(404, 'DEMO_NOT_YOURS', 'You have no such session.')
  }
  if (id === answer.session.id) return signOut(sessions, request)
  const revokedSession = await sessions.revoke(id)
  return reply(answer, () => ({ revoked: revokedSession }))
}

async function revokeOthers(sessions, request) {
  const answer = sessions.authenticate(request)
  if (!answer.ok) return reply(answer)
  const { id, subject } = answer.session
  await listSessionsOfUser(sessions, answer.session)
  const revokedSession = await sessions.revokeAll(subject, { except: id })
  return reply(answer, () => ({ revoked: revokedSession }))
}

/**
 * These routes read the store. An access token of a revoked session is valid for some more minutes,
 * and a thief with such a token must not end the sessions of the owner.
 */
async function listSessionsOfUser(sessions, { id, subject }) {
  const mine = await sessions.list(subject)
  if (mine.some((each) => each.id === id)) return mine
  throw new Problem(401, 'DEMO_SESSION_ENDED', 'This session has ended. Please sign in again.')
}

async function readJson(request) {
  try {
    const value = await request.json()
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // The code below rejects everything that is not an object.
  }
  throw new Problem(400, 'DEMO_BODY', 'Please send a JSON object.')
}

/** `nowMs` is the time of the server, because the clock of a browser may be wrong by hours. */
function reply(answer, body) {
  const content = answer.ok
    ? { ok: true, nowMs: Date.now(), ...body() }
    : { ok: false, status: answer.status, code: answer.code, message: answer.message }
  const headers = new Headers(answer.headers)
  headers.set('content-type', answer.ok ? 'application/json' : 'application/problem+json')
  headers.set('cache-control', 'no-store')
  return new Response(JSON.stringify(content), { status: answer.ok ? 200 : answer.status, headers })
}
