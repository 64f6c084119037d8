// The helpers of the shared suite: a clock that a test sets, a browser with a cookie jar, a site.
import { createSessions, generateSecret } from 'portcullis'

export const ORIGIN = 'https://app.example'

/** The default client of the requests. */
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
export const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

export class Clock {
  constructor(ms = Date.now()) {
    this.ms = ms
  }
  now = () => this.ms
  advance(seconds) {
    this.ms += seconds * 1000
  }
}

/** A browser with a cookie jar. Of the attributes, only Max-Age=0 has an effect. */
export class Browser {
  constructor({ runtime, origin = ORIGIN }) {
    this.bare = runtime.bareRequests === true
    this.origin = origin
    this.jar = new Map()
  }

  request({ method = 'POST', headers = {}, cookie = this.cookie, path = '/here', body } = {}) {
    const all = new Headers({
      'sec-fetch-site': 'same-origin',
      'user-agent': FIREFOX,
      ...headers,
    })
    if (cookie !== '') all.set('cookie', cookie)
    for (const [name, value] of [...all]) if (value === '') all.delete(name)
    const url = this.origin + path
    if (!this.bare) return new Request(url, { method, headers: all, body })
    return {
      method,
      url,
      headers: all,
      bodyUsed: false,
      body: body === undefined ? null : new Response(body).body,
    }
  }

  get cookie() {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Stores the cookies of a response, and gives the response. */
  keep(answer) {
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (/; Max-Age=0(;|$)/.test(line)) this.jar.delete(name)
      else this.jar.set(name, value)
      if (name.startsWith('__Host-portcullis-refresh-') && value !== '') this.refreshToken = value
    }
    return answer
  }

  /** Another browser with the same cookies. */
  copy() {
    const twin = new Browser({ runtime: { bareRequests: this.bare }, origin: this.origin })
    twin.jar = new Map(this.jar)
    twin.refreshToken = this.refreshToken
    return twin
  }

  get accessToken() {
    return this.jar.get('__Host-portcullis-access')
  }
}

export function createKeys() {
  return { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }
}

/** Sessions, a clock, and a browser. */
export function createTestSite({ runtime, openStore }, options = {}) {
  const clock = new Clock()
  const sessions = createSessions({
    issuer: ORIGIN,
    keys: createKeys(),
    store: options.store ?? openStore(),
    clock: clock.now,
    ...options,
  })
  return { sessions, clock, browser: new Browser({ runtime }) }
}

/** Creates a test site whose browser is signed in. */
export async function createSignedInBrowser(world, options = {}, who = { subject: 'user-1' }) {
  const all = createTestSite(world, options)
  const answer = all.browser.keep(await all.sessions.signIn(all.browser.request(), who))
  if (!answer.ok) throw new Error(`the sign-in was rejected: ${answer.code}`)
  return { ...all, session: answer.session }
}

/**
 * Options that collect the events of a site, and the promises of its background work, so that a
 * test can wait for them.
 */
export function collectEvents(options = {}) {
  const events = []
  const later = []
  return {
    events,
    later,
    options: {
      onEvent: (event) => events.push(event),
      waitUntil: (promise) => later.push(promise),
      ...options,
    },
  }
}

/** A store that counts its calls. A test can replace the result of each call. */
export function createWatchedStore(store) {
  const calls = { get: 0, swap: 0 }
  const faults = { get: null, swap: null }
  return {
    calls,
    faults,
    capabilities: { swap: true },
    async get(key) {
      calls.get += 1
      return faults.get === null ? store.get(key) : faults.get(() => store.get(key), key)
    },
    async swap(key, revision, write) {
      calls.swap += 1
      return faults.swap === null
        ? store.swap(key, revision, write)
        : faults.swap(() => store.swap(key, revision, write), key)
    },
  }
}
