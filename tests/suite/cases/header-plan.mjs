// The headers of every outcome in one table. An outcome sets or clears no cookie that its row does
// not list.
import { equal } from '../assert.mjs'
import { collectEvents, createSignedInBrowser, createWatchedStore } from '../support.mjs'

const get = { method: 'GET' }
const prefetch = { headers: { purpose: 'prefetch' } }
const otherPlace = { headers: { 'sec-fetch-site': 'cross-site' } }
const REFRESH = '__Host-portcullis-refresh-0'

const due = ({ clock }) => clock.advance(31)
const expiredSession = ({ clock }) => clock.advance(331)
const down = ({ store }) => (store.faults.get = () => {
  throw new Error('down')
})
const revokedSession = ({ sessions, session }) => sessions.revoke(session.id)
const both = (...all) => async (world) => {
  for (const one of all) await one(world)
}
const withoutAccess = ({ browser }) => browser.jar.delete('__Host-portcullis-access')
const nobody = ({ browser }) => browser.jar.clear()

/**
 * Another tab has already refreshed and used its new token. The concurrent-refresh window is over,
 * the in-flight window is not, and the access token has expired.
 */
async function supersededToken(world) {
  const { sessions, clock, browser, later } = world
  clock.advance(315)
  const other = browser.copy()
  other.keep(await sessions.refresh(other.request()))
  sessions.authenticate(other.request())
  await Promise.all(later)
  clock.advance(16)
}

/** The user has stepped up in another tab, which has the new tokens. */
async function steppedUp(world) {
  const other = world.browser.copy()
  other.keep(await world.sessions.stepUp(other.request(), { acr: 'aal2' }))
  world.sessions.authenticate(other.request())
  await Promise.all(world.later)
  world.clock.advance(31)
}

/**
 * [call, preparation, request, code, status, cookies, Cache-Control, Vary, Retry-After,
 * Clear-Site-Data]. In the cookies, A is an access token, R a refresh token and C a CSRF token; a
 * lower-case letter clears the cookie.
 */
const PLAN = [
  ['signIn', nobody, {}, null, 200, 'A R C', 'no-store', 'Cookie', null, null],
  ['signIn', due, {}, null, 200, 'A R C r', 'no-store', 'Cookie', null, null],
  ['signIn', nobody, otherPlace, 'ERR_CROSS_ORIGIN', 403, '', null, null, null, null],
  ['signIn', nobody, prefetch, 'ERR_PREFETCH', 409, '', null, null, null, null],
  ['signIn', down, {}, 'ERR_STORE_UNAVAILABLE', 503, null],
  ['refresh', due, {}, null, 200, 'A R r', 'no-store', 'Cookie', null, null],
  ['refresh', () => {}, {}, null, 200, 'A', 'no-store', 'Cookie', null, null],
  ['refresh', nobody, {}, 'ERR_REFRESH_MISSING', 401, '', null, null, null, null],
  [
    'refresh',
    ({ browser }) => browser.jar.set(REFRESH, 'x'),
    {},
    'ERR_REFRESH_MALFORMED',
    401,
    '',
    null,
    null,
    null,
    null,
  ],
  [
    'refresh',
    revokedSession,
    {},
    'ERR_SESSION_REVOKED',
    401,
    'a r c',
    'no-store',
    'Cookie',
    null,
    null,
  ],
  ['refresh', supersededToken, {}, 'ERR_SUPERSEDED', 409, '', null, null, null, null],
  ['refresh', steppedUp, {}, 'ERR_STEP_UP_UNFINISHED', 409, '', null, null, null, null],
  ['refresh', due, otherPlace, 'ERR_CROSS_ORIGIN', 403, '', null, null, null, null],
  ['refresh', due, prefetch, 'ERR_PREFETCH', 409, '', null, null, null, null],
  ['refresh', both(due, down), {}, 'ERR_STORE_UNAVAILABLE', 503, null],
  ['stepUp', due, {}, null, 200, 'A R C r', 'no-store', 'Cookie', null, null],
  [
    'stepUp',
    revokedSession,
    {},
    'ERR_SESSION_REVOKED',
    401,
    'a r c',
    'no-store',
    'Cookie',
    null,
    null,
  ],
  ['stepUp', due, prefetch, 'ERR_PREFETCH', 409, '', null, null, null, null],
  ['stepUp', down, {}, 'ERR_STORE_UNAVAILABLE', 503, null],
  ['signOut', due, {}, null, 200, 'a r c', 'no-store', 'Cookie', null, '"storage"'],
  ['signOut', nobody, {}, null, 200, 'a c', 'no-store', 'Cookie', null, '"storage"'],
  ['signOut', due, otherPlace, 'ERR_CROSS_ORIGIN', 403, '', null, null, null, null],
  ['signOut', due, prefetch, 'ERR_PREFETCH', 409, '', null, null, null, null],
  ['signOut', down, {}, 'ERR_STORE_UNAVAILABLE', 503, null],
  ['authenticate', due, get, null, 200, null],
  ['authenticate', due, { ...get, ...prefetch }, null, 200, null],
  ['authenticate', expiredSession, get, 'ERR_TOKEN_EXPIRED', 401, '', null, null, null, null],
  ['authenticate', due, otherPlace, 'ERR_CROSS_ORIGIN', 403, '', null, null, null, null],
  ['fresh', due, get, null, 200, null],
  ['fresh', revokedSession, get, 'ERR_SESSION_REVOKED', 401, '', null, null, null, null],
  ['fresh', steppedUp, get, 'ERR_STEP_UP_UNFINISHED', 409, '', null, null, null, null],
  ['fresh', down, get, 'ERR_STORE_UNAVAILABLE', 503, null],
  ['protect', due, get, null, 200, '', null, 'Cookie', null, null],
  ['protect', expiredSession, get, null, 200, 'A R r', 'no-store', 'Cookie', null, null],
  ['protect', nobody, get, 'ERR_TOKEN_MISSING', 401, '', 'no-store', null, null, null],
  [
    'protect',
    both(expiredSession, revokedSession),
    get,
    'ERR_SESSION_REVOKED',
    401,
    'a r c',
    'no-store',
    'Cookie',
    null,
    null,
  ],
  ['protect', supersededToken, get, 'ERR_SUPERSEDED', 409, '', 'no-store', null, '1', null],
  [
    'protect',
    both(steppedUp, withoutAccess),
    get,
    'ERR_STEP_UP_UNFINISHED',
    409,
    '',
    'no-store',
    null,
    '1',
    null,
  ],
  [
    'protect',
    expiredSession,
    { ...get, ...prefetch },
    'ERR_PREFETCH',
    409,
    '',
    'no-store',
    null,
    null,
    null,
  ],
  [
    'protect',
    expiredSession,
    otherPlace,
    'ERR_CROSS_ORIGIN',
    403,
    '',
    'no-store',
    null,
    null,
    null,
  ],
  [
    'protect',
    both(expiredSession, down),
    get,
    'ERR_STORE_UNAVAILABLE',
    503,
    '',
    'no-store',
    null,
    '1',
    null,
  ],
]

const CALLS = {
  signIn: (sessions, request) => sessions.signIn(request, { subject: 'user-1' }),
  refresh: (sessions, request) => sessions.refresh(request),
  stepUp: (sessions, request) => sessions.stepUp(request, { acr: 'aal2' }),
  signOut: (sessions, request) => sessions.signOut(request),
  authenticate: (sessions, request) => sessions.authenticate(request),
  fresh: (sessions, request) => sessions.authenticate(request, { checkStore: true }),
  protect: (sessions, request) => sessions.protect(request),
}

export const cases = PLAN.map(([call, happen, request, code, status, cookies, ...others], n) => ({
  name: `the headers of ${call} with the outcome ${code ?? 'ok'} (row ${n + 1} of the plan)`,
  async run(world) {
    const { later, options } = collectEvents({
      store: createWatchedStore(world.openStore()),
      policy: { csrfCookie: true, clearSiteData: ['storage'] },
    })
    const all = { ...(await createSignedInBrowser(world, options)), store: options.store, later }
    await happen(all)
    const answer = await outcome(() => CALLS[call](all.sessions, all.browser.request(request)))
    equal([answer.code ?? null, answer.status ?? 200], [code, status], 'the outcome')
    if (cookies === null) return equal(answer.headers, undefined, 'headers')
    equal(lettersOf(answer.headers), cookies, 'cookies')
    equal(
      ['cache-control', 'vary', 'retry-after', 'clear-site-data'].map((name) =>
        answer.headers.get(name)
      ),
      others,
      'Cache-Control, Vary, Retry-After, Clear-Site-Data',
    )
  },
}))

/** A thrown error has no headers. */
async function outcome(run) {
  try {
    return await run()
  } catch ({ code, status }) {
    return { code, status }
  }
}

/** The letters of the cookies: set cookies before cleared ones. */
function lettersOf(headers) {
  const letters = headers.getSetCookie().map((line) => {
    const letter = /^__Host-portcullis-([arc])/.exec(line)[1]
    return /; Max-Age=0(;|$)/.test(line) ? letter : letter.toUpperCase()
  })
  const order = 'ARCarc'
  return letters.sort((one, other) => order.indexOf(one) - order.indexOf(other)).join(' ')
}
