/** The tabs of this browser: what they tell each other, and the refresh that is one for all of them. */
import { codeOf, insist } from './patience.js'

export type Send = (request: Request) => Promise<Response>
/** `seen` is what `lastRefresh` said before the request that was refused with `reason`. */
export type Refresh = (seen: string, reason: string) => Promise<Response>

/** The refusals that a refresh may mend. */
export const OURS = /^ERR_(TOKEN|SESSION|REFRESH)_/
/** A refresh that hangs must not hold the lock for ever. */
const REFRESH_MAX_MS = 20_000

/** What the tabs of this browser tell each other: the code of an end, or nothing where the session goes on. */
export class Tabs {
  ended = false
  #lastHere = ''
  readonly #channel: BroadcastChannel | null

  constructor(
    readonly name: string,
    readonly onEnd: (code: string) => void,
  ) {
    // On a server there is nobody to talk to, and an open channel would keep its process from ending.
    this.#channel = typeof BroadcastChannel === 'function' && globalThis.location ? new BroadcastChannel(name) : null
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data)
    else globalThis.addEventListener?.('storage', ({ key, newValue }) => key === name + '!' && newValue && this.#hear(newValue.split(' ')[0]!))
  }

  tell(code: string): void {
    if (this.#channel) this.#channel.postMessage(code)
    else stored((storage) => storage.setItem(this.name + '!', `${code} ${unique()}`))
    this.#hear(code)
  }

  renewed(): void {
    stored((storage) => storage.setItem(this.name, unique()))
    this.tell('')
  }

  /** The name of the last refresh in any tab. Only compared, so that no clock has to be right. */
  lastRefresh(): string {
    return stored((storage) => storage.getItem(this.name)) ?? this.#lastHere
  }

  #hear(code: string): void {
    if (code === '') this.#lastHere = unique()
    else if (!this.ended) this.onEnd(code)
    this.ended = code !== ''
  }
}

/** A refresh that is one for all tabs: who waited for the lock finds that it is done. */
export function sharedRefresh(send: Send, url: string, tabs: Tabs): Refresh {
  let running: Promise<Response> | undefined

  const refreshNow = async (reason: string): Promise<Response> => {
    // Kept alive, so that a page that is left in the middle of it still gets the new cookies.
    const attempt = (): Promise<Response> => send(new Request(url, { method: 'POST', keepalive: true, signal: AbortSignal.timeout(REFRESH_MAX_MS) }))
    const answer = await insist(attempt, true, true)
    const code = await codeOf(answer)
    if (answer.ok) tabs.renewed()
    // Where the request's own refusal took the cookies away, it knows why and the refresh does not.
    else if (answer.status === 401 && OURS.test(code)) tabs.tell(code === 'ERR_REFRESH_MISSING' && reason.startsWith('ERR_SESSION_') ? reason : code)
    return answer
  }

  return async (seen, reason) => {
    const work = async (): Promise<Response> => (tabs.lastRefresh() === seen ? refreshNow(reason) : new Response(null, { status: 204 }))
    const begin = (): Promise<Response> => globalThis.navigator?.locks?.request(tabs.name, work) ?? work()
    running ??= begin().finally(() => (running = undefined))
    return (await running).clone()
  }
}

/** Workers have no storage, and a browser may refuse it: then tabs have only what they tell each other. */
function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage)
  } catch {
    return undefined
  }
}

const unique = (): string => String(Math.random())
