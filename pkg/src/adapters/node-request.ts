/**
 * Converts requests of node:http to web-standard requests. The types are structural, so requests of
 * Express, Fastify and node:http2 (compatibility API) also match.
 */
import { PortcullisError } from '../core/errors.js'
import type { RequestHead } from '../core/types.js'

/** The part of an `IncomingMessage` or `Http2ServerRequest` that is read. */
export interface Incoming {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** The complete URL, if a framework removes a matched prefix from `url`. */
  readonly originalUrl?: string | undefined
  /** The header names and values in alternation, as received. */
  readonly rawHeaders: readonly string[]
  /** The socket, which tells whether the connection is encrypted. */
  readonly socket: object | null
  readonly readableEnded: boolean
  iterator(options: { destroyOnReturn: boolean }): AsyncIterator<Uint8Array>
  resume(): unknown
}

/** Options for the origin of a request. */
export interface AddressOptions {
  /**
   * The site's origin as users see it, such as `'https://app.example'`. Set it if a proxy is in
   * front of this server. Default: the origin that a middleware of portcullis set for this request;
   * otherwise the `Host` header, with `https` if the connection itself is encrypted.
   * `X-Forwarded-*` and `Forwarded` are never used, because clients can write them.
   */
  origin?: string
}

/**
 * Returns the method, the URL and the headers of a request: all that `protect`, `authenticate`,
 * `signIn` and similar operations read. It is faster than a complete `Request`. measured: see
 * performance.md, Reading node:http requests
 *
 * Repeated headers are joined as a web-standard `Headers` joins them, and cookies by `; `, as
 * HTTP/2 splits them, so that no value is silently preferred. The pseudo-header fields of HTTP/2
 * (`:path`) are omitted.
 *
 * @example
 *
 * ```js
 * const result = await sessions.protect(requestHead(req))
 * ```
 *
 * @throws PortcullisError `ERR_ARGUMENT` (status 400) if the `Host` header is missing, invalid or
 * ambiguous; `ERR_CONFIG` for an invalid `origin`
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
 * Returns the complete web-standard `Request`. Its body is read from `incoming` only when it is
 * used, so a body parser may read it instead.
 *
 * @example
 *
 * ```js
 * const response = await sessions.handle(toRequest(req))
 * ```
 *
 * @throws PortcullisError as `requestHead`; also `ERR_ARGUMENT` for a method that `Request` does
 * not allow (`TRACE`)
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
      'Invalid method or URL for a web Request: answer the request with 400.',
      { cause },
    )
  }
}

/** Records the origin of a request for `toRequest` and `requestHead`. */
export function rememberOrigin(incoming: object, origin: string): void {
  origins ??= new WeakMap()
  origins.set(incoming, origin)
}

/** Returns the origin that `rememberOrigin` recorded. */
export function rememberedOrigin(incoming: object): string | undefined {
  return origins?.get(incoming)
}

/**
 * The recorded origins. The map is created at first use. measured: see performance.md, Reading
 * node:http requests
 */
let origins: WeakMap<object, string> | undefined

/**
 * Reads the raw headers of node:http by linear search, without copying them. Node's parser has
 * validated them. measured: see performance.md, Reading node:http requests
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

  /** Finds a header, also a pseudo-header field of HTTP/2. */
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

/**
 * Compares names without regard to case. For most unequal names the length or the first letter
 * decides.
 */
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
  // HTTP/2 sends pseudo-header fields before all others (RFC 9113 section 8.3); HTTP/1 has none.
  const authority = incoming.rawHeaders[0]?.charCodeAt(0) === COLON
    ? headers.find(':authority')
    : null
  const host = headers.find('host') ?? authority
  const differs = authority !== null && authority !== host
  if (host === null || differs || !isHost(host)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Missing or invalid Host header: answer the request with 400, or pass the origin of your site.',
    )
  }
  return ((incoming.socket as { encrypted?: boolean } | null)?.encrypted === true
    ? 'https://'
    : 'http://') + host
}

let lastHost = ''

/** Validates a host. The last valid one is kept, because most requests have the same. */
function isHost(host: string): boolean {
  if (host === lastHost) return true
  if (host.length > 255 || !HOST.test(host)) return false
  lastHost = host
  return true
}

/**
 * The form of a Host header that browsers send (RFC 9110 section 7.2): a name or an address, and an
 * optional port.
 */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/**
 * Returns the path of a request target (RFC 9112 section 3.2). The host of an absolute form is
 * ignored, because a client can write any host there.
 */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target
  if (target === '*') return '/'
  const path = /^https?:\/\/[^/?#]*([^#]*)/i.exec(target)?.[1]
  if (path === undefined) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Invalid request target: answer the request with 400.',
    )
  }
  return path.startsWith('/') ? path : `/${path}`
}

let lastOrigin = ''

/**
 * Validates an origin. The last valid one is kept, because a site has one.
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid origin
 */
export function checkOrigin(origin: string): string {
  if (origin === lastOrigin) return origin
  if (
    typeof origin !== 'string' || !URL.canParse(origin) || new URL(origin).origin !== origin
    || !/^https?:/.test(origin)
  ) {
    throw new PortcullisError(
      'ERR_CONFIG',
      "Invalid origin: pass a scheme and a host only, such as 'https://app.example'.",
    )
  }
  lastOrigin = origin
  return origin
}

/**
 * Returns the body as a stream that reads from `incoming` only at the first read. Cancelling it
 * does not close the connection, because the response has yet to be sent.
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
              'The body was already read: pass the request on before a body parser reads it.',
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
