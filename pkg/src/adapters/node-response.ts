/**
 * Writes headers and responses of portcullis to responses of node:http. The types are structural,
 * so responses of Express and node:http2 (compatibility API) also match.
 */
import { addVary } from '../web/merge-headers.js'

/** The part of a response that headers can be set on. */
export interface Headed {
  getHeader(name: string): string | number | readonly string[] | undefined
  setHeader(name: string, value: string | string[]): unknown
}

/** The part of a `ServerResponse` or `Http2ServerResponse` that is used. */
export interface Outgoing extends Headed {
  statusCode: number
  readonly destroyed: boolean
  write(chunk: Uint8Array): boolean
  end(): unknown
  once(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
  destroy(error?: Error): unknown
}

/**
 * Adds headers to a response whose head is not sent yet: its cookies in addition to those that are
 * set, its `Vary` names in addition to those that are listed, and the others.
 *
 * A later call wins: if an earlier call has set a cookie of the same name, all cookies of that
 * earlier call are removed. So `signOut` after `protect` leaves no session cookie.
 *
 * @example
 *
 * ```js
 * sendHeaders(result.headers, res)
 * ```
 */
export function sendHeaders(headers: Headers, outgoing: Headed): void {
  const lines = headers.getSetCookie()
  // Most responses set no cookie.
  if (lines.length === 0) {
    merge(headers, outgoing)
    return
  }
  const news = new Set(lines.map(cookieIdentity))
  const plans = sentCookies.get(outgoing) ?? []
  const over = new Set(
    plans.filter((plan) => plan.some((line) => news.has(cookieIdentity(line)))).flat(),
  )
  sentCookies.set(outgoing, [...plans, lines])
  outgoing.setHeader('set-cookie', [
    ...cookiesOf(outgoing).filter((line) => !over.has(line) && !news.has(cookieIdentity(line))),
    ...lines,
  ])
  merge(headers, outgoing)
}

/** The cookies of each call, grouped because one decision sets them. */
const sentCookies = new WeakMap<Headed, string[][]>()

/**
 * Adds headers just before a response is sent, as `withHeaders` does: if the response has one of
 * the cookies, the application decided later and its cookies stay.
 */
export function sendHeadersUnlessSet(headers: Headers, outgoing: Headed): void {
  const lines = headers.getSetCookie()
  if (lines.length > 0) {
    const there = cookiesOf(outgoing)
    const known = new Set(there.map(cookieIdentity))
    if (!lines.some((line) => known.has(cookieIdentity(line)))) {
      outgoing.setHeader('set-cookie', [...there, ...lines])
    }
  }
  merge(headers, outgoing)
}

/**
 * Sends a complete response: its status, its headers as `sendHeaders` does, and its body as a
 * stream.
 *
 * @throws the error of the body. The connection is then closed, so that the client does not take a
 * part for the complete response.
 */
export async function sendResponse(response: Response, outgoing: Outgoing): Promise<void> {
  outgoing.statusCode = response.status
  sendHeaders(response.headers, outgoing)
  const reader = response.body?.getReader()
  if (reader !== undefined) await pipe(reader, outgoing)
  outgoing.end()
}

async function pipe(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  outgoing: Outgoing,
): Promise<void> {
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  outgoing.once('close', cancel)
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (!outgoing.write(chunk.value) && !outgoing.destroyed) await waitForDrain(outgoing)
    }
  } catch (error) {
    outgoing.destroy()
    throw error
  } finally {
    outgoing.off('close', cancel)
  }
}

/**
 * Waits until the response accepts more data, or is closed: a client that has disconnected never
 * drains.
 */
function waitForDrain(outgoing: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      outgoing.off('drain', go)
      outgoing.off('close', go)
      resolve()
    }
    outgoing.once('drain', go)
    outgoing.once('close', go)
  })
}

/** Merges all headers except the cookies. */
function merge(headers: Headers, outgoing: Headed): void {
  headers.forEach((value, name) => {
    if (name === 'vary') sendVary(value, outgoing)
    else if (name !== 'set-cookie') outgoing.setHeader(name, value)
  })
}

/** Adds names to the `Vary` header of a response. */
export function sendVary(names: string, outgoing: Headed): void {
  const there = outgoing.getHeader('vary')
  if (there === undefined) return void outgoing.setHeader('vary', names)
  const both = new Headers({ vary: String(there) })
  addVary(both, names)
  outgoing.setHeader('vary', both.get('vary') ?? names)
}

function cookiesOf(outgoing: Headed): string[] {
  const there = outgoing.getHeader('set-cookie')
  if (there === undefined) return []
  return Array.isArray(there) ? there.map(String) : [String(there)]
}

/** Returns what identifies a cookie: its name, domain and path (RFC 6265 section 5.3). */
function cookieIdentity(line: string): string {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const scope = attributes.filter((one) => /^(path|domain)=/i.test(one)).map((one) =>
    one.replace(/^\w+/, (name) => name.toLowerCase())
  )
  return [pair.slice(0, pair.indexOf('=')).trim(), ...scope.sort()].join(';')
}
