// This file makes the sessions of every test application, and the controls that a test has over
// them. Each application has the same routes:
//
// | route | behind | answers |
// |---|---|---|
// | POST /sign-in?subject= | nothing | signs in; sets its own cookie theme=dark |
// | /open | an optional session | { subject } or { subject: null } |
// | GET /fresh | a session with checkStore | { subject, plan } |
// | POST /form | a session and a CSRF token in a form field | noted |
// | everything else | a session | |
// | GET /me | | { subject } |
// | GET /own | | sets seen=1 in a way that replaces other cookies, and Vary: Accept-Encoding |
// | GET /go | | 303 to /me, with its own cookie |
// | GET /stream | | one, two, three, one after the other |
// | GET /boom | | throws, so that the framework sends its error page |
// | POST /note | | its body, read by the application |
// | POST /sign-out | | signs out |
// | /session/* | | the response of sessions.handle |
import { createSessions } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'
import { Clock, createKeys, createWatchedStore } from '../suite/support.mjs'

/**
 * The site has two kinds of sessions on one store. The sessions of `form` require a CSRF token with
 * every unsafe request.
 */
export function makeSite() {
  const clock = new Clock()
  const store = createWatchedStore(memoryStore())
  const options = { issuer: 'https://app.example', keys: createKeys(), store, clock: clock.now }
  const sessions = createSessions(options)
  return {
    clock,
    store,
    sessions,
    form: createSessions({ ...options, policy: { csrf: 'origin-and-token' } }),
    control: controlOf(sessions, clock, store),
  }
}

/** Every control takes strings only, so that a server in another process can run it too. */
function controlOf(sessions, clock, store) {
  return {
    advance: (seconds) => clock.advance(Number(seconds)),
    revokeAll: (subject) => sessions.revokeAll(subject),
    down: (is) => (store.faults.get = is === 'yes'
      ? () => {
        throw new Error('the store is down')
      }
      : null),
    stopClock: (
      is,
    ) => ([clock.kept, clock.ms] = is === 'yes' ? [clock.ms, Number.NaN] : [undefined, clock.kept]),
  }
}

/** The subject comes from the address. Every session has the same data. */
export const subjectOfSignIn = (address) => ({
  subject: new URL(address, 'http://x').searchParams.get('subject'),
  data: { plan: 'pro' },
})

/** The pauses make sure that the words are sent as separate chunks. */
export async function* threeWords() {
  for (const word of ['one', 'two', 'three']) {
    yield new TextEncoder().encode(word)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
