/**
 * Encodes what the application passes into what the core takes. This file checks types; the core
 * checks values.
 */
import { PortcullisError } from './errors.js'
import type { RequestText } from './protocol.js'
import type { JsonValue, RequestHead } from './types.js'

/** A longer Cookie header is rejected without being copied into the core. */
const MAX_COOKIE_HEADER_BYTES = 16 * 1024

/** Longer than any host name or origin. A header that is cut off here equals none. */
const MAX_ORIGIN_CHARACTERS = 1024

/** The parts of a request that only some sites need. */
export interface ReadOptions {
  /** Whether the path is read, because the site has exempt paths. */
  readonly readsPath: boolean
  /** Whether access tokens are sent in the `Authorization` header. */
  readonly usesAuthorization: boolean
}

/** The tokens that only the application can find: in a body or a form. */
export interface Credentials {
  refreshToken?: string | undefined
  csrfToken?: string | undefined
}

/**
 * Encodes all that the core needs of a request. Gives `null` where the Cookie header is too large.
 */
export function encodeRequest(
  request: RequestHead,
  options: ReadOptions,
  credentials?: Credentials,
): RequestText | null {
  const cookie = readCookieHeader(request)
  return cookie === null
    ? null
    : encodeHead(request, cookie, encodeHeader(request.headers, 'user-agent'))
      + encodeRest(request, options, credentials, isPrefetch(request.headers))
}

/**
 * Encodes what the core needs to verify an access token, without the user agent: whoever holds the
 * token may send it. Gives `null` where the Cookie header is too large.
 */
export function encodeAccessRequest(
  request: RequestHead,
  options: ReadOptions,
  credentials?: Credentials,
): RequestText | null {
  const cookie = readCookieHeader(request)
  if (cookie === null) return null
  const text = encodeHead(request, cookie, '')
  const { method } = request
  // A safe request needs no more. This is the most common one.
  return options.usesAuthorization || !(method === 'GET' || method === 'HEAD')
    ? text + encodeRest(request, options, credentials, false)
    : text
}

/**
 * Encodes a request, but leaves out an oversize Cookie header, for operations that must work
 * without it.
 */
export function encodeWithoutOversizeCookies(
  request: RequestHead,
  options: ReadOptions,
  credentials?: Credentials,
): RequestText {
  return encodeHead(
    request,
    readCookieHeader(request) ?? undefined,
    encodeHeader(request.headers, 'user-agent'),
  )
    + encodeRest(request, options, credentials, isPrefetch(request.headers))
}

/**
 * The headers with which a browser or a framework marks a prefetch, and the word that each
 * contains.
 */
const PREFETCHES: [name: string, word: string][] = [
  ['sec-purpose', 'prefetch'],
  ['purpose', 'prefetch'],
  ['x-purpose', 'preview'],
  ['x-moz', 'prefetch'],
  ['next-router-prefetch', ''],
  ['x-middleware-prefetch', ''],
]

/** Whether the request is a prefetch: its user has not asked for the page yet. */
export function isPrefetch(headers: RequestHead['headers']): boolean {
  return PREFETCHES.some(([name, word]) => headers.get(name)?.toLowerCase().includes(word))
}

function readCookieHeader(request: RequestHead): string | undefined | null {
  if (typeof request?.headers?.get !== 'function') {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The first argument is not a Request: pass a web-standard one. (For node:http, see portcullis/node.)',
    )
  }
  const header = request.headers.get('cookie') ?? undefined
  return header !== undefined && header.length > MAX_COOKIE_HEADER_BYTES ? null : header
}

/** Encodes the part that every request has, in the order of src/wasm/decode.rs. */
function encodeHead(
  { url, method, headers }: RequestHead,
  cookie: string | undefined,
  agent: string,
): RequestText {
  const { protocol, host } = parseOrigin(url)
  return `${method}\0${protocol}\0${host}\0${encodeOptional(cookie)}\0${
    encodeHeader(headers, 'sec-fetch-site')
  }\0${encodeHeader(headers, 'origin')}\0${agent}`
}

/**
 * Encodes the optional fields that follow. A field is left empty where the site does not use it.
 */
function encodeRest(
  { url, headers }: RequestHead,
  options: ReadOptions,
  { refreshToken, csrfToken }: Credentials = {},
  isPrefetchRequest: boolean,
): string {
  const authorizationField = options.usesAuthorization
    ? encodeOptional(headers.get('authorization')?.slice(0, MAX_TEXT_CHARACTERS + 7))
    : ''
  const refreshField = options.usesAuthorization
    ? encodeOptional(checkToken(refreshToken, 'refreshToken'))
    : ''
  const csrfField = csrfToken === undefined
    ? encodeHeader(headers, CSRF_HEADER)
    : encodeOptional(checkToken(csrfToken, 'csrfToken'))
  const pathField = options.readsPath ? new URL(url).pathname.slice(0, MAX_ORIGIN_CHARACTERS) : ''
  return `\0${authorizationField}\0${refreshField}\0${csrfField}\0${pathField}\0${
    isPrefetchRequest ? '1' : ''
  }`
}

const CSRF_HEADER = 'x-csrf-token'

/**
 * Checks the type of a token. A malformed one is passed on, shortened, so that the core rejects it.
 */
function checkToken(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be a string.`)
  }
  return value.slice(0, MAX_ORIGIN_CHARACTERS).replaceAll('\0', ' ')
}

function encodeOptional(header: string | undefined): string {
  return header === undefined ? '' : `=${header}`
}

function encodeHeader(headers: RequestHead['headers'], name: string): string {
  return encodeOptional(headers.get(name)?.slice(0, MAX_ORIGIN_CHARACTERS))
}

/**
 * One more than the longest text that the core takes. Longer texts are not copied into the core.
 */
const MAX_TEXT_CHARACTERS = 8193

const MAX_TEXT_LIST_ENTRIES = 64

/**
 * The origin of the last request. Most requests of an instance have the same one, and parsing a URL
 * is slow (measured: see performance.md, Parsing the origin).
 */
let lastOrigin = { start: '\0', protocol: '', host: '' }

function parseOrigin(url: string): { protocol: string; host: string } {
  if (typeof url === 'string' && url.startsWith(lastOrigin.start)) return lastOrigin
  try {
    const { protocol, host } = new URL(url)
    // The host ends at the first slash after the scheme: nothing that follows can change it.
    lastOrigin = {
      start: `${protocol}//${host}/`,
      protocol,
      host: host.slice(0, MAX_ORIGIN_CHARACTERS),
    }
    return lastOrigin
  } catch (cause) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'request.url must be an absolute URL, as in a web-standard Request.',
      { cause },
    )
  }
}

/**
 * Checks that a text can be encoded as UTF-8 without loss. A lone surrogate would be replaced, and
 * two users could become one.
 */
export function checkText(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length > MAX_TEXT_CHARACTERS) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `${name} is too long (${value.length} characters): shorten it.`,
    )
  }
  if (
    typeof value !== 'string'
    || /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value)
  ) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be a string without lone surrogates.`)
  }
  return value
}

export function checkOptionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : checkText(value, name)
}

export function checkTextList(value: unknown, name: string): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be an array of strings.`)
  }
  if (value.length > MAX_TEXT_LIST_ENTRIES) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `${name} has too many entries (${value.length}): pass fewer.`,
    )
  }
  return value.map((one) => checkText(one, name))
}

export function encodeJson(value: JsonValue | undefined, name: string): string | undefined {
  if (value === undefined) return undefined
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be a JSON value.`, { cause })
  }
  if (text === undefined) throw new PortcullisError('ERR_ARGUMENT', `${name} must be a JSON value.`)
  return checkText(text, name)
}

/**
 * Rejects an option that does not exist: if a misspelt option were ignored, its default would
 * apply.
 */
export function rejectUnknownOptions(options: object, allowed: object, where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new PortcullisError('ERR_CONFIG', `${where} takes an object of options.`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(allowed, name)) {
      throw new PortcullisError(
        'ERR_CONFIG',
        `Unknown option "${name}" for ${where}: expected one of ${
          Object.keys(allowed).join(', ')
        }.`,
      )
    }
  }
}

/**
 * Rejects options that are `null`. A missing environment variable may give one, and the default
 * would then hide the mistake.
 */
export function rejectNullOptions(options: object, where: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === null) {
      throw new PortcullisError(
        'ERR_CONFIG',
        `The option "${name}" of ${where} is null: give it a value, or leave it out.`,
      )
    }
  }
}
