/**
 * The requests of the page, and the two rules for every client of portcullis:
 *
 * - If the access token has expired or is missing, which happens every few minutes, refresh once
 *   and then send the request again.
 * - If the response is 409 `ERR_SUPERSEDED`, another tab has refreshed the session. Wait a little,
 *   and then send the request again with the current cookies.
 *
 * The page never reads a token: the cookies are HttpOnly, and the browser sends them.
 */

/**
 * A missing access token may be an expired one: browsers delete a cookie when it expires.
 */
const REFRESH_FIRST = new Set(['ERR_TOKEN_EXPIRED', 'ERR_TOKEN_MISSING', 'DEMO_SESSION_ENDED'])

const WAIT_MS = 200
const TRIES = 5

/**
 * Sends a request, refreshes the session once if necessary, and sends the request again. Gives the
 * body: either `{ ok: true, ... }` or the members of a rejection.
 */
export async function requestWithRefresh(method, path, body) {
  const answer = await send(method, path, body)
  if (answer.ok || !REFRESH_FIRST.has(answer.code)) return answer
  const afterRefresh = await refresh()
  return afterRefresh.ok ? send(method, path, body) : afterRefresh
}

/** `waited` counts how often another tab has refreshed before. */
export async function refresh() {
  for (let waited = 0;; waited += 1) {
    const answer = await send('POST', '/api/refresh')
    if (answer.code !== 'ERR_SUPERSEDED' || waited === TRIES) return { ...answer, waited }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
}

/** Sends one request, without a refresh and without a retry. */
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
