// The steps that every app must pass. A step is a sentence and its checks. Later steps depend on
// earlier ones.
import * as time from './steps/time.mjs'
import * as people from './steps/users.mjs'

/** Longer than the lifetime of an access token. */
const LATER = 400

export const STEPS = [
  { name: 'a page for everybody is shown to nobody in particular', run: people.visitPublicPage },
  { name: 'a page that needs a session sends to the sign-in', run: people.visitWithoutSession },
  { name: 'who signs in is greeted, and has two cookies', run: people.signIn },
  { name: 'a good token changes no cookie', run: people.unchanged },
  { name: 'a form of the own site passes', run: people.ownForm },
  { name: 'a form of the own site passes by its Origin alone', run: people.ownFormByOrigin },
  { name: 'a form of another site is refused', run: people.foreignForm },
  {
    name: 'a form of another site is refused by its Origin alone',
    run: people.foreignFormByOrigin,
  },
  { name: 'what is no form of the framework is refused by the package', run: people.foreignJson },
  {
    name: 'an expired token is refreshed on the way, and the page sees the session',
    run: time.afterRefresh,
  },
  { name: "the framework's own cookies are kept beside ours", run: time.ownCookies },
  {
    name: 'a page that is the same for everybody never leaves our cookies in a cache',
    run: time.samePage,
  },
  { name: "what the framework's script fetches is refreshed too", needs: 'data', run: time.data },
  { name: 'a page that there is not brings the new cookies all the same', run: time.nowhere },
  { name: 'a form with an expired token is refreshed and taken', run: time.expiredForm },
  {
    name: "a form that the framework's script sends with an expired token is refreshed and taken",
    needs: 'scripted',
    run: time.scripted,
  },
  { name: 'what the framework fetches ahead does no harm', run: time.advanceClock },
  {
    name: 'what a page fetches of its own site while it renders has the new session',
    needs: 'inner',
    run: time.inner,
  },
  { name: 'a prefetch by the browser rotates nothing', run: time.prefetch },
  { name: 'three loads at once with an expired token are all fine', run: time.threeAtOnce },
  { name: 'an answer that was lost is given again, though its page was rendered', run: time.lost },
  {
    name: "a lost answer to a form of the framework's script is given again too",
    needs: 'scripted',
    run: time.lostForm,
  },
  { name: 'the routes are there, and tell the session', run: people.routes },
  {
    name: 'who signs in anew, with an expired token of another session, has two cookies',
    run: people.otherOne,
  },
  {
    name: 'a session that was ended elsewhere is refused, and its cookies go',
    run: people.revokedSession,
  },
  {
    name: 'a handler that signs out with an expired token leaves no cookie of ours',
    needs: 'leave',
    run: people.leave,
  },
  { name: 'who signs out with an expired token keeps no cookie of ours', run: people.signOut },
  { name: 'what was signed out stays so', run: people.replay },
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
