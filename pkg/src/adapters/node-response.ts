/**
 * Headers and responses of ours in what node:http sends. Structural: also what Express and
 * node:http2 (compat) send.
 */
import { addVary } from '../web/merge-headers.js'

/** What headers can be put into. */
export interface Headed {
  getHeader(name: string): string | number | readonly string[] | undefined
  setHeader(name: string, value: string | string[]): unknown
}

/** A `ServerResponse`, or an `Http2ServerResponse`, as far as we look at it. */
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
 * Puts headers into a response that is not on its way yet: every `Set-Cookie` beside those that are
 * there, what `Vary` names beside what it names, and the others.
 *
 * What was decided later wins: where one of the cookies was there already, by a call before,
 * everything that call has set gives way. So `protect` and then `signOut` leave nobody signed in,
 * not by half either.
 */
export function sendHeaders(headers: Headers, outgoing: Headed): void {
  const lines = headers.getSetCookie()
  // Nearly every answer.
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

/** The cookies of every call, together: they are the cookies of one decision. */
const sentCookies = new WeakMap<Headed, string[][]>()

/**
 * The same at the last moment, as `withHeaders`: where one of the cookies is there, the application
 * has decided later than we.
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
 * Sends a whole response: its status, its headers as `sendHeaders` does, its body as it comes.
 *
 * Rejects with what the body fails with; the connection is closed then, so that nobody takes a part
 * for the whole.
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

/** A client that went away never drains. */
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

/** All but the cookies. */
function merge(headers: Headers, outgoing: Headed): void {
  headers.forEach((value, name) => {
    if (name === 'vary') sendVary(value, outgoing)
    else if (name !== 'set-cookie') outgoing.setHeader(name, value)
  })
}

/** Beside what is there. */
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

/** RFC 6265 section 5.3: a cookie is its name, its domain and its path. */
function cookieIdentity(line: string): string {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const scope = attributes.filter((one) => /^(path|domain)=/i.test(one)).map((one) =>
    one.replace(/^\w+/, (name) => name.toLowerCase())
  )
  return [pair.slice(0, pair.indexOf('=')).trim(), ...scope.sort()].join(';')
}
