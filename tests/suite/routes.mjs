// Helpers for the cases of sessions.handle: requests for its routes, and checks of the responses.
import { clears, equal } from './assert.mjs'
import { createSignedInBrowser, createWatchedStore } from './support.mjs'

export const at = (path, more = {}) => ({ method: 'GET', path: `/session/${path}`, ...more })
export const post = (path, body, more = {}) => ({
  method: 'POST',
  path: `/session/${path}`,
  body: body === undefined ? undefined : JSON.stringify(body),
  ...more,
})

/**
 * Browsers remove Set-Cookie from responses that scripts make, so that cookies are not checked
 * there.
 */
export const summarizeResponse = (
  world,
  response,
  expected,
) => (world.runtime.bareRequests
  ? expected
  : [response.headers.getSetCookie().length - clears(response.headers), clears(response.headers)])

export async function problem(response, code, status) {
  equal(
    [response.status, response.headers.get('content-type'), response.headers.get('cache-control')],
    [status, 'application/problem+json', 'no-store'],
    "the problem's response",
  )
  const body = await response.json()
  equal([body.code, body.status, Object.keys(body)], [code, status, [
    'type',
    'title',
    'status',
    'code',
    'detail',
  ]], 'the problem')
  return body
}

/** A signed-in browser on a store that counts its calls. */
export async function visitor(world, options = {}) {
  const store = createWatchedStore(world.openStore())
  return {
    ...(await createSignedInBrowser(world, { store, ...options }, {
      subject: 'user-1',
      data: { secret: 'of the application' },
      acr: 'aal1',
      amr: ['pwd'],
      label: 'Test browser',
    })),
    store,
  }
}
