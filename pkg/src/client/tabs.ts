/**
 * The tabs of this browser: what they tell each other, and the refresh that is one for all of them.
 */
import { codeOf, insist, sleep } from './patience.js'

export type Send = (request: Request) => Promise<Response>
/** `seen` is what `Tabs.seen` said before the request that was refused with `reason`. */
export type Refresh = (seen: string, reason: string) => Promise<Response>

/** The refusals that a refresh may mend. */
export const OURS = /^ERR_(TOKEN|SESSION|REFRESH)_/
/** A refresh that hangs must not hold the lock for ever. */
const REFRESH_MAX_MS = 20_000
/**
 * What another tab stored reaches this one a moment after its lock does: they are different
 * processes.
 */
const SETTLING_MS = 30

/**
 * What the tabs of this browser tell each other: the code of an end, or nothing where the session
 * goes on.
 */
export class Tabs {
  ended = false
  readonly name: string
  readonly #onEnd: (code: string) => void
  #lastHere = ''
  readonly #channel: BroadcastChannel | null

  constructor(name: string, onEnd: (code: string) => void) {
    this.name = name
    this.#onEnd = onEnd
    // On a server there is nobody to talk to, and an open channel would keep its process from
    // ending.
    this.#channel = globalThis.location && globalThis.BroadcastChannel
      ? new BroadcastChannel(name)
      : null
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.hear(data)
    else {globalThis.addEventListener?.('storage', ({ key, newValue }) =>
        key === name + '!' && newValue && this.hear(newValue.split(' ')[0]!))}
  }

  tell(code: string): void {
    if (this.#channel) this.#channel.postMessage(code)
    else store(this.name + '!', `${code} ${unique()}`)
    this.hear(code)
  }

  hear(code: string): void {
    if (code === '') this.#lastHere = unique()
    else if (!this.ended) this.#onEnd(code)
    this.ended = code !== ''
  }

  /**
   * The name of the last refresh in any tab, as far as this one can see. Only compared, so that no
   * clock has to be right.
   */
  seen(): string {
    return store(this.name) ?? this.#lastHere
  }
}

/** A refresh that is one for all tabs: who waited for the lock finds that it is done. */
export function sharedRefresh(send: Send, url: string, tabs: Tabs): Refresh {
  let running: Promise<Response> | undefined

  const refreshNow = async (reason: string): Promise<Response> => {
    // Kept alive, so that a page that is left in the middle of it still gets the new cookies.
    const attempt = (): Promise<Response> =>
      send(
        new Request(url, {
          method: 'POST',
          keepalive: true,
          signal: AbortSignal.timeout(REFRESH_MAX_MS),
        }),
      )
    const answer = await insist(attempt, true, true)
    const code = await codeOf(answer)
    if (answer.ok) {
      store(tabs.name, unique())
      tabs.tell('')
    } else if (answer.status === 401 && OURS.test(code)) {
      // Without cookies this page knows of no session, and that is all: a frame on another site is
      // not sent those that the tabs have. Unless the request's own refusal just took them away,
      // and said why.
      if (code !== 'ERR_REFRESH_MISSING') tabs.tell(code)
      else if (reason.startsWith('ERR_SESSION_')) tabs.tell(reason)
      else tabs.hear(code)
    }
    return answer
  }

  return async (seen, reason) => {
    const isDone = (): boolean => tabs.seen() !== seen
    const work = async (): Promise<
      Response
    > => (isDone() ? new Response(null, { status: 204 }) : refreshNow(reason))
    const inTurn = async (): Promise<Response> => {
      if (!isDone()) await sleep(SETTLING_MS)
      return work()
    }
    running ??= locked(tabs.name, inTurn, work).finally(() => (running = undefined))
    return (await running).clone()
  }
}

/**
 * `alone` is for browsers without Web Locks, and frames that are denied them: the server then bears
 * several at once.
 */
async function locked(
  name: string,
  inTurn: () => Promise<Response>,
  alone: () => Promise<Response>,
): Promise<Response> {
  const denied = (
    error: unknown,
  ): Promise<
    Response
  > => ((error as Error)?.name === 'SecurityError' ? alone() : Promise.reject(error))
  return globalThis.navigator?.locks?.request(name, inTurn).catch(denied) ?? alone()
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
