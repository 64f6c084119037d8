// The steps that every app must pass. A step is a sentence and its checks. Later steps depend on
// earlier ones.
import * as time from './steps/time.mjs'
import * as people from './steps/users.mjs'

/** Longer than the lifetime of an access token. */
const LATER = 400

export const STEPS = [
  { name: 'a public page is shown without a session', run: people.visitPublicPage },
  {
    name: 'a page that requires a session redirects to the sign-in',
    run: people.visitWithoutSession,
  },
  { name: 'a user who signs in is greeted, and has two cookies', run: people.signIn },
  { name: 'a valid access token changes no cookie', run: people.unchanged },
  { name: 'a form of the same site is accepted', run: people.ownForm },
  { name: 'a form of the same site is accepted by its Origin alone', run: people.ownFormByOrigin },
  { name: 'a form of another site is rejected', run: people.foreignForm },
  {
    name: 'a form of another site is rejected by its Origin alone',
    run: people.foreignFormByOrigin,
  },
  {
    name: 'a cross-site request that is not a form is rejected by the package',
    run: people.foreignJson,
  },
  {
    name: 'an expired token is refreshed during the request, and the page gets the session',
    run: time.afterRefresh,
  },
  { name: 'the cookies of the framework and of the package are all kept', run: time.ownCookies },
  {
    name: 'a public page with session cookies is not stored in a shared cache',
    run: time.samePage,
  },
  { name: "a request of the framework's script refreshes too", needs: 'data', run: time.data },
  { name: 'a missing page also sets the new cookies', run: time.nowhere },
  { name: 'a form with an expired token refreshes and is accepted', run: time.expiredForm },
  {
    name: "a form of the framework's script with an expired token refreshes and is accepted",
    needs: 'scripted',
    run: time.scripted,
  },
  { name: 'a prefetch by the framework keeps the session', run: time.advanceClock },
  {
    name: 'a request of a page to its own site during rendering has the new session',
    needs: 'inner',
    run: time.inner,
  },
  { name: 'a prefetch by the browser does not rotate', run: time.prefetch },
  { name: 'three concurrent loads with an expired token all succeed', run: time.threeAtOnce },
  {
    name: 'the successor of a lost response is issued again, although its page was rendered',
    run: time.lost,
  },
  {
    name: "the successor of a lost response to a form of the framework's script is issued again",
    needs: 'scripted',
    run: time.lostForm,
  },
  { name: 'the session routes work, and list the session', run: people.routes },
  {
    name: 'a sign-in with an expired token of another session leaves two cookies',
    run: people.otherOne,
  },
  {
    name: 'a session that was revoked elsewhere is rejected, and its cookies are cleared',
    run: people.revokedSession,
  },
  {
    name: 'a handler that signs out with an expired token leaves no session cookie',
    needs: 'leave',
    run: people.leave,
  },
  { name: 'a sign-out with an expired token leaves no session cookie', run: people.signOut },
  { name: 'a copy of the cookies is rejected after the sign-out', run: people.replay },
]

/** The state that the steps share. */
export function createAppContext(app, { address, advance }, Visitor) {
  const site = {
    address,
    origin: address.replace('http:', `${app.scheme}:`),
    secureAddress: address.replace('http:', 'https:'),
  }
  const visitor = () => new Visitor(site)
  return { app, visitor, ada: visitor(), advance, later: () => advance(LATER) }
}
