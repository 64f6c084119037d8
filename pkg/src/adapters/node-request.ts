/**
 * What node:http hands over, as a web-standard request. Structural: also what Express, Fastify and
 * node:http2 (compat) hand over.
 */
import { PortcullisError } from '../core/errors.js'
import type { RequestHead } from '../core/types.js'

/** An `IncomingMessage`, or an `Http2ServerRequest`, as far as we look at it. */
export interface Incoming {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Where a framework shortens `url` by what it has matched: the whole of it. */
  readonly originalUrl?: string | undefined
  /** Names and values taking turns, as they came. */
  readonly rawHeaders: readonly string[]
  /** Says whether the connection is encrypted. */
  readonly socket: object | null
  readonly readableEnded: boolean
  iterator(options: { destroyOnReturn: boolean }): AsyncIterator<Uint8Array>
  resume(): unknown
}

/** Where the request was sent to. */
export interface AddressOptions {
  /**
   * The site's origin as its users see it, such as `'https://app.example'`. Set it wherever a proxy
   * speaks to the users in place of this server. Default: what a middleware of ours found for the
   * same request; otherwise the `Host` header, `https` where the connection itself is encrypted.
   * `X-Forwarded-*` and `Forwarded` are never believed: anybody can write them.
   */
  origin?: string
}

/**
 * The method, the address and the headers of a request: all that `protect`, `authenticate`,
 * `signIn` and the like look at. It is made in a sixth of the time of a whole `Request`.
 *
 * Header values that came more than once are joined as a web `Headers` joins them (cookies by `; `,
 * as HTTP/2 splits them), so that none is quietly preferred; names of HTTP/2's own (`:path`) are
 * left out.
 *
 * @throws PortcullisError `ERR_ARGUMENT` (status 400) where there is no `Host` that names a host,
 * or more than one; `ERR_CONFIG` for an `origin` that is none
 */
export function requestHead(incoming: Incoming, options: AddressOptions = {}): RequestHead {
  const headers = new RawHeaders(incoming.rawHeaders)
  return {
    method: incoming.method ?? 'GET',
    url: resolveOrigin(incoming, headers, options.origin)
      + pathOf(incoming.originalUrl ?? incoming.url ?? '/'),
    headers,
  }
}

/**
 * The whole web `Request`. Its body is read from `incoming` once somebody reads it, and not before:
 * a body parser may still have it instead.
 *
 * @throws PortcullisError as `requestHead`; `ERR_ARGUMENT` as well for a method that no web
 * `Request` can have (`TRACE`)
 */
export function toRequest(incoming: Incoming, options: AddressOptions = {}): Request {
  const { method, url, headers } = requestHead(incoming, options)
  const init: RequestInit & { duplex?: 'half' } = { method, headers: [...headers] }
  if (method !== 'GET' && method !== 'HEAD') {
    Object.assign(init, { body: bodyOf(incoming), duplex: 'half' })
  }
  try {
    return new Request(url, init)
  } catch (cause) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'This request cannot be told as a web Request: its method or its address is none.',
      { cause },
    )
  }
}

/**
 * Remembers for `toRequest` and `requestHead` what a middleware knows of where a request was sent
 * to.
 */
export function rememberOrigin(incoming: object, origin: string): void {
  origins ??= new WeakMap()
  origins.set(incoming, origin)
}

/** What was remembered. */
export function rememberedOrigin(incoming: object): string | undefined {
  return origins?.get(incoming)
}

/** Made where a middleware knows more: to ask it of every request is a third of making its head. */
let origins: WeakMap<object, string> | undefined

/**
 * The headers as node:http has them, looked through at every question: nothing is checked twice
 * that Node's parser has checked, and nothing is copied. Most requests are asked for two headers of
 * a dozen; a map of them all took a microsecond.
 */
class RawHeaders implements Iterable<[string, string]> {
  readonly #raw: readonly string[]

  constructor(raw: readonly string[]) {
    this.#raw = raw
  }

  get(name: string): string | null {
    return name.charCodeAt(0) === COLON ? null : this.find(name)
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  /** HTTP/2's own names too. */
  find(name: string): string | null {
    const raw = this.#raw
    let value: string | null = null
    for (let n = 0; n + 1 < raw.length; n += 2) {
      if (isSame(raw[n] as string, name)) {
        value = value === null
          ? (raw[n + 1] as string)
          : joinValues(name, value, raw[n + 1] as string)
      }
    }
    return value
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    const values = new Map<string, string>()
    for (let n = 0; n + 1 < this.#raw.length; n += 2) {
      const name = (this.#raw[n] as string).toLowerCase()
      const before = values.get(name)
      const value = this.#raw[n + 1] as string
      if (!name.startsWith(':')) {
        values.set(name, before === undefined ? value : joinValues(name, before, value))
      }
    }
    return values[Symbol.iterator]()
  }
}

const COLON = 0x3a

/** Of most names that are not the one, the length or the first letter says so. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length || ((one.charCodeAt(0) ^ other.charCodeAt(0)) & ~0x20) !== 0) {
    return false
  }
  return one === other || one.toLowerCase() === other.toLowerCase()
}

function joinValues(name: string, before: string, value: string): string {
  return before + (name.toLowerCase() === 'cookie' ? '; ' : ', ') + value
}

function resolveOrigin(incoming: Incoming, headers: RawHeaders, given: string | undefined): string {
  if (given !== undefined) return checkOrigin(given)
  const remembered = rememberedOrigin(incoming)
  if (remembered !== undefined) return remembered
  // HTTP/2 has its own names before all others (RFC 9113 section 8.3), and HTTP/1 has none.
  const authority = incoming.rawHeaders[0]?.charCodeAt(0) === COLON
    ? headers.find(':authority')
    : null
  const host = headers.find('host') ?? authority
  const differs = authority !== null && authority !== host
  if (host === null || differs || !isHost(host)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The request must have one Host header that names a host: answer it with 400, or give the origin of your site.',
    )
  }
  return ((incoming.socket as { encrypted?: boolean } | null)?.encrypted === true
    ? 'https://'
    : 'http://') + host
}

let lastHost = ''

/** Most requests name the host that the one before has named. */
function isHost(host: string): boolean {
  if (host === lastHost) return true
  if (host.length > 255 || !HOST.test(host)) return false
  lastHost = host
  return true
}

/**
 * RFC 9110 section 7.2, as far as a browser asks for it: a name or an address, and perhaps a port.
 */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/**
 * RFC 9112 section 3.2. Of an absolute form only the path counts: whoever sends one to us could
 * send any host in it.
 */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target
  if (target === '*') return '/'
  const path = /^https?:\/\/[^/?#]*([^#]*)/i.exec(target)?.[1]
  if (path === undefined) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The request must be for a path of this site: answer it with 400.',
    )
  }
  return path.startsWith('/') ? path : `/${path}`
}

let lastOrigin = ''

/** One site has one origin, and every request has it. */
export function checkOrigin(origin: string): string {
  if (origin === lastOrigin) return origin
  if (
    typeof origin !== 'string' || !URL.canParse(origin) || new URL(origin).origin !== origin
    || !/^https?:/.test(origin)
  ) {
    throw new PortcullisError(
      'ERR_CONFIG',
      "origin must be an origin such as 'https://app.example': a scheme and a host, nothing behind it.",
    )
  }
  lastOrigin = origin
  return origin
}

/**
 * Touches the stream at the first read. Whoever stops reading has not closed the connection: an
 * answer is still to come.
 */
function bodyOf(incoming: Incoming): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (chunks === undefined) {
          if (incoming.readableEnded) {
            throw new PortcullisError(
              'ERR_ARGUMENT',
              'The body was read before: hand the request over before a body parser has it.',
            )
          }
          chunks = incoming.iterator({ destroyOnReturn: false })
        }
        const { done, value } = await chunks.next()
        if (done === true) controller.close()
        else controller.enqueue(new Uint8Array(value))
      },
      async cancel() {
        await chunks?.return?.()
        incoming.resume()
      },
    },
    { highWaterMark: 0 },
  )
}
