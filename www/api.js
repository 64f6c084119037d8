/**
 * The page's requests, and the two rules every client of portcullis follows:
 *
 * | answer                | what it means                                | what to do                                     |
 * |-----------------------|----------------------------------------------|------------------------------------------------|
 * | the access token is   | ordinary life: it lasts some minutes         | refresh once, then send the request again      |
 * | expired or missing    |                                              |                                                |
 * | 409 ERR_SUPERSEDED    | another tab refreshed in the same moment     | wait a little; send again with the cookies     |
 * |                       |                                              | as they are now                                |
 *
 * No token is in sight here: the cookies are HttpOnly, the browser sends them along.
 */

/**
 * A missing access token may well be an expired one: browsers drop a cookie when its time is over.
 */
const REFRESH_FIRST = new Set(['ERR_TOKEN_EXPIRED', 'ERR_TOKEN_MISSING', 'DEMO_SESSION_ENDED'])

const WAIT_MS = 200
const TRIES = 5

/**
 * Sends, refreshes once if need be, sends again. Gives the body: `{ ok: true, ... }` or `{ ok:
 * false, status, code, message }`.
 */
export async function requestWithRefresh(method, path, body) {
  const answer = await send(method, path, body)
  if (answer.ok || !REFRESH_FIRST.has(answer.code)) return answer
  const afterRefresh = await refresh()
  return afterRefresh.ok ? send(method, path, body) : afterRefresh
}

/** `waited` counts how often another tab was first. */
export async function refresh() {
  for (let waited = 0;; waited += 1) {
    const answer = await send('POST', '/api/refresh')
    if (answer.code !== 'ERR_SUPERSEDED' || waited === TRIES) return { ...answer, waited }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
}

/** One request, without any of the above. */
export async function send(method, path, body) {
  try {
    const response = await fetch(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    return await response.json()
  } catch {
    return {
      ok: false,
      status: 0,
      code: 'DEMO_UNREACHABLE',
      message: 'The demo does not answer. Is it still running?',
    }
  }
}
