// Pages of SvelteKit that send requests to their own server while they render. These cases call the
// hook without a server, because only the requests matter.
import { createSessions } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'
import { sessionHandle } from 'portcullis/sveltekit'
import { equal, ok } from '../suite/assert.mjs'
import { Browser, Clock, collectEvents, createKeys, ORIGIN } from '../suite/support.mjs'

/** Longer than the in-flight window. */
const MUCH_LATER_SECONDS = 300

/** [title, options of the hook, path of the inner request]. */
const INNER_REQUESTS = [
  ['a page', {}, '/api'],
  ['a page with checkStore', { checkStore: true }, '/api'],
  ['/session/list', { routes: true }, '/session/list'],
  ['/session/csrf', { routes: true }, '/session/csrf'],
]

/** Makes a user whose access token has expired, and a function that visits a page. */
async function expiredVisitor(options, innerPath) {
  const { events, later, options: hooks } = collectEvents()
  const clock = new Clock()
  const store = memoryStore()
  const sessions = createSessions({
    issuer: ORIGIN,
    keys: createKeys(),
    store,
    clock: clock.now,
    ...hooks,
  })
  const browser = new Browser({ runtime: {} })
  browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' }))
  clock.advance(600)
  const handle = sessionHandle(sessions, options)
  const inner = []
  async function visit() {
    const set = new Map(browser.jar)
    const cookies = {
      set: (name, value, { maxAge }) => maxAge === 0 ? set.delete(name) : set.set(name, value),
    }
    const locals = {}
    const header = () => [...set].map((pair) => pair.join('=')).join('; ')
    const resolve = async () => {
      const request = browser.request({ method: 'GET', path: innerPath, cookie: header() })
      const event = { request, cookies, locals: {}, isSubRequest: true }
      inner.push(await handle({ event, resolve: () => new Response('inner') }))
      return new Response('the page')
    }
    const event = {
      request: browser.request({ method: 'GET', path: '/page' }),
      cookies,
      locals,
      isSubRequest: false,
    }
    await handle({ event, resolve })
    await Promise.all(later)
    return locals.session
  }
  return { sessions, clock, browser, events, inner, visit, handle }
}

export const cases = [
  ...INNER_REQUESTS.map(([title, options, path]) => ({
    name:
      `inner requests: a request by ${title} during rendering is not the first use of its token`,
    async run() {
      const { sessions, clock, events, inner, visit } = await expiredVisitor(options, path)
      equal((await visit())?.subject, 'user-1', 'the first visit, whose response is lost')
      clock.advance(MUCH_LATER_SECONDS)
      equal((await visit())?.subject, 'user-1', 'the second visit')
      ok(inner.every((response) => response.status === 200), 'the inner requests')
      equal((await sessions.list('user-1')).length, 1, 'sessions')
      equal(
        events.map(({ type }) => type),
        ['signed_in', 'refreshed', 'successor_reissued'],
        'events',
      )
    },
  })),
  {
    name: 'inner requests: no inner request refreshes a session',
    async run() {
      const { browser, events, handle } = await expiredVisitor({}, '/api')
      const request = browser.request({ method: 'GET', path: '/api' })
      const event = { request, cookies: { set() {} }, locals: {}, isSubRequest: true }
      await handle({ event, resolve: () => new Response('inner') })
      equal([event.locals.session, events.length], [null, 1], 'the session and the events')
    },
  },
]
