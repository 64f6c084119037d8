/** Decides when a request is repeated, and after which pause. */

const MAX_TRIES = 4
const MAX_PAUSES_MS = 10_000
const MIN_PAUSE_MS = 150
const RETRYABLE_CODES = /^ERR_(SUPERSEDED|STEP_UP_UNFINISHED)$/

/**
 * Sends a request until its response can be returned.
 *
 * @param recover returns true to repeat the request at once, or a response to return instead
 */
export async function fetchWithRetry(
  sendOnce: () => Promise<Response>,
  safe: boolean,
  replayable: boolean,
  signal?: AbortSignal,
  recover?: (answer: Response, code: string) => Promise<boolean | Response>,
): Promise<Response> {
  let left = MAX_PAUSES_MS
  for (let tries = 1;; tries += 1) {
    const answer = await sendOnce()
    if (answer.ok || tries === MAX_TRIES) return answer
    const code = await readCode(answer)
    const recovered = await recover?.(answer, code)
    if (recovered instanceof Response) return recovered
    const pause = recovered ? 0 : replayable ? pauseAfter(answer, code, safe) : NaN
    if (!(pause <= left)) return answer
    left -= pause
    void answer.body?.cancel()
    await abortable(signal, sleep(pause))
  }
}

/**
 * Returns the pause before the next attempt in milliseconds, NaN for no further attempt. A random
 * part separates the attempts of several tabs.
 */
function pauseAfter({ status, headers }: Response, code: string, safe: boolean): number {
  const after = headers.get('retry-after')
  const asked = after === null
    ? NaN
    : /^\d+$/.test(after)
    ? Number(after) * 1000
    : Date.parse(after) - Date.now()
  const isRetryable = status === 409 && RETRYABLE_CODES.test(code)
  if (!isRetryable && !(safe && (status === 429 || status === 503))) return NaN
  return Math.max(MIN_PAUSE_MS, isRetryable ? asked || 0 : asked) * (1 + Math.random() / 4)
}

/**
 * Returns the result of `work`, or rejects when the signal aborts. The work itself continues,
 * because other requests may share it.
 */
export function abortable<T>(signal: AbortSignal | undefined, work: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal?.reason)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    Promise.resolve(work).then(resolve, reject).finally(() =>
      signal?.removeEventListener('abort', stop)
    )
  })
}

/** Reads the code of a problem response, without consuming its body. */
export async function readCode(answer: Response): Promise<string> {
  return String(
    /json/.test(answer.headers.get('content-type') ?? '') && (await readBody(answer)).code,
  )
}

export const sleep = (ms: number): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, ms))

/** Parses a copy of the body, so that the response itself stays unread. */
export async function readBody(answer: Response): Promise<{ code?: string; token?: string }> {
  return (await answer.clone().json().catch(() => null)) ?? {}
}
