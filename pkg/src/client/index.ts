/**
 * The client for browsers: a `fetch` that refreshes the session, sends the CSRF token, and waits as
 * responses ask. It imports only files of its own folder.
 *
 * | response of the page's own origin | reaction |
 * |---|---|
 * | 401 `ERR_TOKEN_*`, `ERR_SESSION_*`, `ERR_REFRESH_*` | one refresh of all tabs, one repetition |
 * | 403 `ERR_CSRF` | a new CSRF token, then one repetition |
 * | 409 `ERR_SUPERSEDED`, `ERR_STEP_UP_UNFINISHED` | a short pause, then a repetition |
 * | 429, 503 with Retry-After, to a safe method or the refresh | that pause, then a repetition |
 * | any other response, and every response of another origin | returned to the caller |
 */
import { abortable, fetchWithRetry, readBody } from './retry.js'
import { type Refresh, type Send, SESSION_CODES, sharedRefresh, TabChannel } from './tabs.js'

/** The options of `createClient`. */
export interface ClientOptions {
  /**
   * The path of the routes of `sessions.handle` on this origin, without a slash at its end. Default
   * `'/session'`.
   */
  basePath?: string
  /** The function that sends requests. Default: the browser's `fetch`. */
  fetch?: (request: Request) => Promise<Response>
  /**
   * Called once when the session ends, in this tab or in another. The code is that of the server's
   * rejection, or `'SIGNED_OUT'` after `signOut()`.
   */
  onEnded?: (end: { code: string }) => unknown
  /**
   * Whether unsafe requests carry the CSRF token. The token comes from the readable cookie, or else
   * from one request (`GET /session/csrf`) and is then kept. `false` avoids that request if the
   * policy is `csrf: 'origin'`. Default true.
   */
  csrf?: boolean
  /**
   * The name of the readable CSRF cookie. Default `'__Host-portcullis-csrf'`, over http
   * `'portcullis-csrf'`.
   */
  csrfCookie?: string
}

/** The client that `createClient` returns. */
export interface Client {
  /**
   * Sends a request as the browser's `fetch` does, with the reactions of the table above. A request
   * to another origin or with `credentials: 'omit'` is sent unchanged. The body is kept in memory
   * for repetitions. A request whose `init.body` is a `ReadableStream` is sent once, and its
   * response is returned.
   *
   * If the refresh fails (409, 429, 503 after every attempt), its response is returned instead of
   * the 401, which would mean that the user is signed out. There are at most 4 attempts and 10
   * seconds of pauses.
   *
   * @throws the error of `fetch`: a `TypeError` if the network fails, which does not end the
   * session, or the reason of the aborted signal
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /**
   * Refreshes the session once for all tabs. Returns the server's response; 204 if another tab has
   * already refreshed; 401 if the session has ended.
   */
  refreshOnce(): Promise<Response>
  /** Ends the session and notifies all tabs. Returns the server's response. */
  signOut(): Promise<Response>
  /**
   * Returns the CSRF token for a form field or a request of the application; `null` if there is
   * none.
   */
  csrfToken(): Promise<string | null>
}

/**
 * Creates a client for this page or worker. It may also be created where a server renders the page:
 * it has no effect there.
 *
 * @example
 *
 * ```js
 * const client = createClient({ onEnded: () => location.assign('/sign-in') })
 * const response = await client.fetch('/api/orders')
 * ```
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

/** Creates the `fetch` of the client, see the table above. */
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
        // A redirect would pass the header on to any origin: this mode forbids redirects to others.
        copy = new Request(copy, { mode: 'same-origin' })
        copy.headers.set('x-csrf-token', token)
      }
      return send(copy)
    }
    /**
     * Tries to remove the reason of a rejection. Returns whether to repeat the request, or a
     * response to return instead.
     */
    const recover = async (answer: Response, code: string): Promise<boolean | Response> => {
      if (code === 'ERR_CSRF' && tokens && !newToken) {
        newToken = tokens.request(send)
        return isReplayable
      }
      // 204 means that another tab has refreshed, perhaps before this request took its cookies. A
      // second refresh is then allowed.
      if (answer.status !== 401 || !SESSION_CODES.test(code) || refreshStatus === 200) return false
      const outcome = await abortable(signal, refresh(lastRefresh, code))
      refreshStatus = outcome.status
      return outcome.ok ? isReplayable : refreshStatus === 401 ? answer : outcome
    }
    const answer = await fetchWithRetry(sendOnce, isSafe, isReplayable, signal, recover)
    // The request may have been a sign-in, which starts a new session in all tabs.
    if (tabs.isEnded && !isSafe && answer.ok) tabs.broadcast('')
    return answer
  }
}

/** The source of the CSRF token: the readable cookie, or else a request to the server. */
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

  /** Requests a token and keeps it. A failed request is not kept. */
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
