/**
 * Coordinates the tabs of this browser: the channel between them, and the refresh that they share.
 */
import { fetchWithRetry, readCode, sleep } from './retry.js'

/** Sends a request, as `fetch` does. */
export type Send = (request: Request) => Promise<Response>
/**
 * Refreshes the session. `lastRefresh` is the value of `TabChannel.lastRefresh` before the request
 * that was rejected with the code `reason`.
 */
export type Refresh = (lastRefresh: string, reason: string) => Promise<Response>

/** The codes of 401 responses after which the client refreshes. */
export const SESSION_CODES = /^ERR_(TOKEN|SESSION|REFRESH)_/
/** The longest time of a refresh in milliseconds, so that a stalled one does not hold the lock. */
const MAX_REFRESH_MS = 20_000
/**
 * The time in milliseconds after which a value stored by another tab is visible. Tabs are separate
 * processes, so the value may arrive after the lock.
 */
const STORAGE_DELAY_MS = 30

/**
 * The channel between the tabs of this browser. A message is the code with which the session ended,
 * or an empty string if the session continues.
 */
export class TabChannel {
  isEnded = false
  readonly name: string
  readonly #onEnd: (code: string) => void
  #localRefresh = ''
  readonly #channel: BroadcastChannel | null

  constructor(name: string, onEnd: (code: string) => void) {
    this.name = name
    this.#onEnd = onEnd
    // A server has no tabs, and an open channel would keep its process running.
    this.#channel = globalThis.location && globalThis.BroadcastChannel
      ? new BroadcastChannel(name)
      : null
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.receive(data)
    else {globalThis.addEventListener?.('storage', ({ key, newValue }) =>
        key === `${name}!` && newValue && this.receive(newValue.replace(/ .*/, '')))}
  }

  /** Sends a message to all tabs, including this one. */
  broadcast(code: string): void {
    if (this.#channel) this.#channel.postMessage(code)
    else store(`${this.name}!`, `${code} ${unique()}`)
    this.receive(code)
  }

  /** Handles a message: the session has ended with a code, or continues. */
  receive(code: string): void {
    if (code === '') this.#localRefresh = unique()
    else if (!this.isEnded) this.#onEnd(code)
    this.isEnded = code !== ''
  }

  /**
   * Returns an ID of the last refresh in any tab that this tab can see. IDs are only compared, so
   * the clocks need not agree.
   */
  lastRefresh(): string {
    return store(this.name) ?? this.#localRefresh
  }
}

/** Creates a refresh that all tabs share: a tab that waited for the lock finds it done. */
export function sharedRefresh(send: Send, url: string, tabs: TabChannel): Refresh {
  let running: Promise<Response> | undefined

  const refreshNow = async (reason: string): Promise<Response> => {
    // With keepalive, a page that is left during the refresh still receives the new cookies.
    const sendOnce = (): Promise<Response> =>
      send(
        new Request(url, {
          method: 'POST',
          keepalive: true,
          signal: AbortSignal.timeout(MAX_REFRESH_MS),
        }),
      )
    const answer = await fetchWithRetry(sendOnce, true, true)
    const code = await readCode(answer)
    if (answer.ok) {
      store(tabs.name, unique())
      tabs.broadcast('')
    } else if (answer.status === 401 && SESSION_CODES.test(code)) {
      // ERR_REFRESH_MISSING means that this request had no cookies. It does not end the session in
      // other tabs, because a frame on another site does not get their cookies. If the rejected
      // request itself has just cleared the cookies, its code is broadcast.
      if (code !== 'ERR_REFRESH_MISSING') tabs.broadcast(code)
      else if (reason.startsWith('ERR_SESSION_')) tabs.broadcast(reason)
      else tabs.receive(code)
    }
    return answer
  }

  return async (lastRefresh, reason) => {
    const isDone = (): boolean => tabs.lastRefresh() !== lastRefresh
    const work = async (): Promise<
      Response
    > => (isDone() ? new Response(null, { status: 204 }) : refreshNow(reason))
    const withLock = async (): Promise<Response> => {
      if (!isDone()) await sleep(STORAGE_DELAY_MS)
      return work()
    }
    running ??= runLocked(tabs.name, withLock, work).finally(() => (running = undefined))
    return (await running).clone()
  }
}

/**
 * Runs a refresh under a lock that all tabs share. `withoutLock` runs in browsers without Web Locks
 * and in frames that may not use them: the server then accepts several concurrent refreshes.
 */
async function runLocked(
  name: string,
  withLock: () => Promise<Response>,
  withoutLock: () => Promise<Response>,
): Promise<Response> {
  const denied = (
    error: unknown,
  ): Promise<
    Response
  > => ((error as Error)?.name === 'SecurityError' ? withoutLock() : Promise.reject(error))
  return globalThis.navigator?.locks?.request(name, withLock).catch(denied) ?? withoutLock()
}

/**
 * Reads a stored value, after writing one if it is passed. Workers have no storage and a browser
 * may block it: tabs then use the channel alone.
 */
function store(key: string, value?: string): string | null {
  try {
    if (value) localStorage.setItem(key, value)
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

const unique = (): string => String(Math.random())
