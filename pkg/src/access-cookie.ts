/** Where the answer for a request is that of its access token alone, and which token that is. */
import type { RequestHead } from './types.js'

/** The limits of src/cookie.rs: above them no cookie is read. */
const HEADER_MAX_BYTES = 16 * 1024
const HEADER_MAX_PAIRS = 180

/**
 * The access cookie of a request that changes nothing, as the core would find it: nothing else of such a request counts.
 * `undefined` where that takes a closer look (a method that changes something, a cookie that is not there or stands twice,
 * a header beyond the limits, any spelling that is not the usual one): the core looks then.
 */
export function soleAccessCookie({ method, headers }: RequestHead, name: string): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const header = headers?.get?.('cookie')
  if (typeof header !== 'string' || header.length > HEADER_MAX_BYTES) return undefined
  const at = header.indexOf(name)
  const isOne = at >= 0 && header.lastIndexOf(name) === at && header[at + name.length] === '='
  if (!isOne || !beginsPair(header, at) || pairs(header) > HEADER_MAX_PAIRS) return undefined
  const end = header.indexOf(';', at)
  return header.slice(at + name.length + 1, end < 0 ? undefined : end)
}

/** Behind nothing but white space since the last semicolon. */
function beginsPair(header: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && (header[before] === ' ' || header[before] === '\t')) before -= 1
  return before < 0 || header[before] === ';'
}

function pairs(header: string): number {
  let count = 1
  for (let at = header.indexOf(';'); at >= 0; at = header.indexOf(';', at + 1)) count += 1
  return count
}
