/**
 * The tabs of this browser: what they tell each other, and the refresh that is one for all of them.
 */
import { fetchWithRetry, readCode, sleep } from './retry.js'

export type Send = (request: Request) => Promise<Response>
/** `seen` is what `Tabs.seen` said before the request that was refused with `reason`. */
export type Refresh = (lastRefresh: string, reason: string) => Promise<Response>

/** The refusals that a refresh may mend. */
export const SESSION_CODES = /^ERR_(TOKEN|SESSION|REFRESH)_/
/** A refresh that hangs must not hold the lock for ever. */
const MAX_REFRESH_MS = 20_000
/**
 * What another tab stored reaches this one a moment after its lock does: they are different
 * processes.
 */
const STORAGE_DELAY_MS = 30

/**
 * What the tabs of this browser tell each other: the code of an end, or nothing where the session
 * goes on.
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
    // On a server there is nobody to talk to, and an open channel would keep its process from
    // ending.
    this.#channel = globalThis.location && globalThis.BroadcastChannel
      ? new BroadcastChannel(name)
      : null
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.receive(data)
    else {globalThis.addEventListener?.('storage', ({ key, newValue }) =>
        key === `${name}!` && newValue && this.receive(newValue.replace(/ .*/, '')))}
  }

  broadcast(code: string): void {
    if (this.#channel) this.#channel.postMessage(code)
    else store(`${this.name}!`, `${code} ${unique()}`)
    this.receive(code)
  }

  receive(code: string): void {
    if (code === '') this.#localRefresh = unique()
    else if (!this.isEnded) this.#onEnd(code)
    this.isEnded = code !== ''
  }

  /**
   * The name of the last refresh in any tab, as far as this one can see. Only compared, so that no
   * clock has to be right.
   */
  lastRefresh(): string {
    return store(this.name) ?? this.#localRefresh
  }
}

/** A refresh that is one for all tabs: who waited for the lock finds that it is done. */
export function sharedRefresh(send: Send, url: string, tabs: TabChannel): Refresh {
  let running: Promise<Response> | undefined

  const refreshNow = async (reason: string): Promise<Response> => {
    // Kept alive, so that a page that is left in the middle of it still gets the new cookies.
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
      // Without cookies this page knows of no session, and that is all: a frame on another site is
      // not sent those that the tabs have. Unless the request's own refusal just took them away,
      // and said why.
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
 * `alone` is for browsers without Web Locks, and frames that are denied them: the server then bears
 * several at once.
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
 * Reads, or writes. Workers have no storage, and a browser may refuse it: then tabs have only what
 * they tell each other.
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
