/** Merges the headers of portcullis into responses of the application. */
import type { ReplyBody, ReplyInit } from './types.js'

/**
 * Returns a copy of a response with `headers` merged in: every `Set-Cookie`, the names in `Vary`,
 * and others such as `Cache-Control` and `Retry-After`. The response itself is unchanged, so it may
 * be immutable (a redirect, or a result of `fetch`) or shared by several requests.
 *
 * The cookies of the response stay. If one of them has the name of a cookie in `headers`, no cookie
 * of `headers` is added: a handler that signs in or out decides later than `protect`, whose new
 * cookies then belong to the previous session.
 *
 * @example
 *
 * ```js
 * return withHeaders(Response.redirect('https://app.example/'), result.headers)
 * ```
 */
export function withHeaders(response: Response, headers: Headers): Response {
  return mergeHeaders(new Response(response.body, response), headers)
}

/** Merges the headers into a response that only this call uses, as `withHeaders` does. */
export function mergeHeaders(response: Response, headers: Headers): Response {
  const { headers: into } = response
  const ours = headers.getSetCookie()
  // Most responses set no cookie.
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
 * Creates a response with another name in its `Vary`. If the headers are a plain object, `Vary` is
 * added to that object before the response is created. measured: see performance.md, Adding Vary
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

/**
 * Adds names to `Vary` (RFC 9110 section 12.5.5). Names are case-insensitive, and `*` covers all.
 */
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
