/**
 * The browser's side: a `fetch` that refreshes, carries the CSRF token and waits when it is asked
 * to. Imports nothing but what is beside it.
 *
 * | the answer of the own origin | what is done |
 * |---|---|
 * | 401 `ERR_TOKEN_*`, `ERR_SESSION_*`, `ERR_REFRESH_*` | one refresh for all tabs, then the request once more |
 * | 403 `ERR_CSRF` | a new token is asked for, then the request once more |
 * | 409 `ERR_SUPERSEDED`, `ERR_STEP_UP_UNFINISHED` | a short pause, then again |
 * | 429, 503 with Retry-After, to a safe method or the refresh | that pause, then again |
 * | everything else, and every answer of another origin | the caller's |
 */
import { abortable, fetchWithRetry, readBody } from './retry.js'
import { type Refresh, type Send, SESSION_CODES, sharedRefresh, TabChannel } from './tabs.js'

/** What `createClient` takes. */
export interface ClientOptions {
  /**
   * Where the routes of `sessions.handle` are: a path of this origin, without a slash at its end.
   * Default `'/session'`.
   */
  basePath?: string
  /** Makes the requests. Default: the browser's `fetch`. */
  fetch?: (request: Request) => Promise<Response>
  /**
   * The session ended: in this tab or in another one, which is told too. Called once for each end.
   * The code is that of the server's refusal, or `'SIGNED_OUT'` after `signOut()`.
   */
  onEnded?: (end: { code: string }) => unknown
  /**
   * Whether unsafe requests carry the CSRF token: that of the readable cookie where there is one,
   * otherwise asked for once (`GET /session/csrf`) and kept. `false` spares that request where the
   * policy is `csrf: 'origin'`. Default true.
   */
  csrf?: boolean
  /**
   * The name of the readable cookie. Default `'__Host-portcullis-csrf'`, over http
   * `'portcullis-csrf'`.
   */
  csrfCookie?: string
}

/** What `createClient` gives. */
export interface Client {
  /**
   * The browser's `fetch` with the table above. To another origin, or with `credentials: 'omit'`,
   * it is the browser's and nothing else. Repeats need the body again, so it is kept in memory
   * until the answer is there; a `ReadableStream` that is passed as `init.body` is sent once, and
   * its answer is the caller's whatever it says.
   *
   * Where the refresh could not be made (409, 429, 503 after every try) its answer is given and not
   * the 401, which would read as signed out. At most 4 tries and 10 seconds of pauses.
   * @throws what `fetch` throws: a `TypeError` without a network (nothing is cleared, nothing has
   * ended), the signal's reason
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /**
   * Refreshes, once for all tabs. Gives the server's answer; 204 where another tab was first; 401
   * where the session is over.
   */
  refreshOnce(): Promise<Response>
  /** Ends the session and tells all tabs. Gives the server's answer. */
  signOut(): Promise<Response>
  /** The token for a form field or a request of your own; `null` where there is none. */
  csrfToken(): Promise<string | null>
}

/**
 * A client for this page (or worker). May be made where a server renders the page: it does nothing
 * there.
 */
export function createClient(
  {
    basePath = '/session',
    onEnded,
    csrf = true,
    csrfCookie,
    fetch: send = (request) => fetch(request),
  }: ClientOptions = {},
): Client {
  const tokens = new CsrfTokenSource(`${basePath}/csrf`, csrfCookie)
  const tabs = new TabChannel(`portcullis-refresh${basePath}`, (code) => {
    tokens.pending = undefined
    onEnded?.({ code })
  })
  const refreshOnce = sharedRefresh(send, `${basePath}/refresh`, tabs)
  const clientFetch = createClientFetch(send, csrf ? tokens : null, tabs, refreshOnce)
  return {
    fetch: clientFetch,
    refreshOnce: () => refreshOnce(tabs.lastRefresh(), ''),
    async signOut() {
      const answer = await clientFetch(`${basePath}/sign-out`, { method: 'POST' })
      if (answer.ok) tabs.broadcast('SIGNED_OUT')
      return answer
    },
    csrfToken: async () => tokens.current() ?? tokens.request(clientFetch),
  }
}

/** The table above. */
function createClientFetch(
  send: Send,
  tokens: CsrfTokenSource | null,
  tabs: TabChannel,
  refresh: Refresh,
): Client['fetch'] {
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    if (new URL(request.url).origin !== location.origin || request.credentials === 'omit') {
      return send(request)
    }
    const isReplayable = !(init?.body instanceof ReadableStream)
    const isSafe = /^(GET|HEAD|OPTIONS)$/.test(request.method)
    let newToken: Promise<string | null> | undefined
    let refreshStatus = 0
    let lastRefresh = ''

    const sendOnce = async (): Promise<Response> => {
      lastRefresh = tabs.lastRefresh()
      let copy = isReplayable ? request.clone() : request
      const token = !isSafe && tokens
        && (await abortable(signal, newToken ?? tokens.current() ?? tokens.request(send)))
      if (token) {
        // A redirect would carry the header along, wherever it leads: this mode lets none leave the
        // origin.
        copy = new Request(copy, { mode: 'same-origin' })
        copy.headers.set('x-csrf-token', token)
      }
      return send(copy)
    }
    /** Whether the reason of a refusal is gone, or what to give instead of it. */
    const recover = async (answer: Response, code: string): Promise<boolean | Response> => {
      if (code === 'ERR_CSRF' && tokens && !newToken) {
        newToken = tokens.request(send)
        return isReplayable
      }
      // After 204 it was another tab's, which may have come before this request took its cookies
      // along: then once more.
      if (answer.status !== 401 || !SESSION_CODES.test(code) || refreshStatus === 200) return false
      const outcome = await abortable(signal, refresh(lastRefresh, code))
      refreshStatus = outcome.status
      return outcome.ok ? isReplayable : refreshStatus === 401 ? answer : outcome
    }
    const answer = await fetchWithRetry(sendOnce, isSafe, isReplayable, signal, recover)
    // This may have been a sign-in.
    if (tabs.isEnded && !isSafe && answer.ok) tabs.broadcast('')
    return answer
  }
}

/** The CSRF token: in a cookie that scripts may read, or asked for. */
class CsrfTokenSource {
  pending: Promise<string | null> | undefined
  readonly #url: string
  readonly #cookie: string | undefined

  constructor(url: string, cookie: string | undefined) {
    this.#url = url
    this.#cookie = cookie
  }

  current(): string | Promise<string | null> | undefined {
    const prefix = globalThis.location?.protocol === 'http:' ? '' : '__Host-'
    const start = `${this.#cookie ?? `${prefix}portcullis-csrf`}=`
    const pair = globalThis.document?.cookie.split('; ').find((one) => one.startsWith(start))
    return pair?.slice(start.length) || this.pending
  }

  /** Asks and keeps; what was not given is not kept. */
  request(via: Send): Promise<string | null> {
    const pending = via(new Request(this.#url)).then(async (answer) =>
      (answer.ok && (await readBody(answer)).token) || null
    )
    const forget = (): void => {
      if (this.pending === pending) this.pending = undefined
    }
    pending.then((given) => given ?? forget(), forget)
    this.pending = pending
    return pending
  }
}
