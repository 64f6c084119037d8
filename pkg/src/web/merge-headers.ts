/** Headers of ours in a response of the application's. */
import type { ReplyBody, ReplyInit } from './types.js'

/**
 * A copy of a response that carries `headers` as well: every `Set-Cookie`, what `Vary` names, and
 * `Cache-Control`, `Retry-After` and the like. The response itself is not touched, so it may be one
 * that cannot be changed (a redirect, what `fetch` gave) or that serves many requests.
 *
 * The response's own cookies stay. Where one of ours is among them, all of ours are left out: a
 * handler that signs out, or in, has decided later than `protect`, and what a refresh on the way
 * would set belongs to a session that is over.
 */
export function withHeaders(response: Response, headers: Headers): Response {
  return mergeHeaders(new Response(response.body, response), headers)
}

/** A response that nobody else has, with the headers in it. */
export function mergeHeaders(response: Response, headers: Headers): Response {
  const { headers: into } = response
  const ours = headers.getSetCookie()
  // Nearly every answer sets none.
  if (ours.length > 0 && !sharesCookie(ours, into.getSetCookie())) {
    for (const line of ours) into.append('set-cookie', line)
  }
  headers.forEach((value, name) => {
    if (name === 'set-cookie') return
    if (name === 'vary') addVary(into, value)
    else into.set(name, value)
  })
  return response
}

function sharesCookie(ours: string[], theirs: string[]): boolean {
  const names = new Set(theirs.map(cookieName))
  return ours.some((line) => names.has(cookieName(line)))
}

/**
 * A new response with one more name in its `Vary`. Usually a plain object says how it shall be, and
 * it is said there: to look at the headers of a response makes them, in workerd, and takes as long
 * as to read a cookie.
 */
export function responseWithVary(body: ReplyBody, init: ReplyInit, vary: string): Response {
  const { headers } = init ?? {}
  const isPlain = (value: unknown): boolean =>
    value === undefined || value === null || Object.getPrototypeOf(value) === Object.prototype
  if (isPlain(init) && isPlain(headers) && !namesVary(headers)) {
    return new Response(body, { ...init, headers: { ...headers, vary } })
  }
  const response = new Response(body, init)
  addVary(response.headers, vary)
  return response
}

function namesVary(headers: object | undefined): boolean {
  for (const name in headers) if (name.length === 4 && name.toLowerCase() === 'vary') return true
  return false
}

/** RFC 9110 section 12.5.5: names, in any case, or a star for everything. */
export function addVary(headers: Headers, more: string): void {
  const varyHeader = headers.get('vary')
  if (varyHeader === null) {
    headers.set('vary', more)
    return
  }
  const present = splitNames(varyHeader)
  const presentLowerCase = new Set(present.map((name) => name.toLowerCase()))
  const added = splitNames(more).filter((name) => !presentLowerCase.has(name.toLowerCase()))
  if (!presentLowerCase.has('*') && added.length > 0) {
    headers.set('vary', [...present, ...added].join(', '))
  }
}

function splitNames(list: string): string[] {
  return list.split(',').map((name) => name.trim()).filter((name) => name !== '')
}

function cookieName(line: string): string {
  return line.slice(0, line.indexOf('=')).trim()
}
