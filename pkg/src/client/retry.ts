/** When an answer is worth another try, and how long to wait for it. */

const MAX_TRIES = 4
const MAX_PAUSES_MS = 10_000
const MIN_PAUSE_MS = 150
const RETRYABLE_CODES = /^ERR_(SUPERSEDED|STEP_UP_UNFINISHED)$/

/**
 * Tries until the answer is one to give back. `mend` says whether its reason is gone (once more, at
 * once), or what to give instead.
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
 * Milliseconds until the next try; NaN where there shall be none. Tabs do not come back at the same
 * moment.
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
 * What a promise gives, unless the caller's signal comes first. What it stands for goes on: it may
 * be everybody's.
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

export async function readCode(answer: Response): Promise<string> {
  return String(
    /json/.test(answer.headers.get('content-type') ?? '') && (await readBody(answer)).code,
  )
}

export const sleep = (ms: number): Promise<unknown> =>
  new Promise((resolve) => setTimeout(resolve, ms))

/** Of a copy: the answer itself stays unread. */
export async function readBody(answer: Response): Promise<{ code?: string; token?: string }> {
  return (await answer.clone().json().catch(() => null)) ?? {}
}
