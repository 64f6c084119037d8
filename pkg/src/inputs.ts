/** From what the application gives to what the core takes. Checks types; the core checks values. */
import type { RequestContext } from './context/types.js'
import { PortcullisError } from './errors.js'
import type { RequestText } from './protocol.js'
import type { Json, RequestHead } from './types.js'

/** Above this a Cookie header is not even copied into the core. */
const COOKIE_HEADER_MAX_BYTES = 16 * 1024

/** No host name and no origin is longer; cut, it is nobody's. */
const PROVENANCE_MAX_CHARACTERS = 1024

/** What a request is looked at for, besides what every one is. */
export interface Look {
  /** The site has paths that are exempt. */
  readonly path: boolean
  /** Access tokens travel in `Authorization`. */
  readonly authorization: boolean
}

/** What the application found where only it can look: a body, a form. */
export interface Found {
  refreshToken?: string | undefined
  csrfToken?: string | undefined
  context?: RequestContext | undefined
}

/**
 * What the core needs of a request. `null` where the Cookie header is too large to be looked at.
 */
export function requestText(request: RequestHead, look: Look, found?: Found): RequestText | null {
  const cookie = cookieHeader(request)
  return cookie === null
    ? null
    : joined(request, cookie, header(request.headers, 'user-agent'))
      + rest(request, look, found, isPrefetch(request.headers))
}

/**
 * The same for an access token alone, which anybody who holds it may send: who it is is not looked
 * at.
 */
export function requestTextForAccess(
  request: RequestHead,
  look: Look,
  found?: Found,
): RequestText | null {
  const cookie = cookieHeader(request)
  if (cookie === null) return null
  const text = joined(request, cookie, '')
  const { method } = request
  // A safe request says nothing more: the commonest, and the shortest.
  return look.authorization || !(method === 'GET' || method === 'HEAD')
    ? text + rest(request, look, found, false)
    : text
}

/** The same without an oversize Cookie header, for operations that must work all the same. */
export function requestTextOrNoCookies(
  request: RequestHead,
  look: Look,
  found?: Found,
): RequestText {
  return joined(request, cookieHeader(request) ?? undefined, header(request.headers, 'user-agent'))
    + rest(request, look, found, isPrefetch(request.headers))
}

/** What says that a browser, or a framework in it, fetches ahead of its user: header and word. */
const PREFETCHES: [name: string, word: string][] = [
  ['sec-purpose', 'prefetch'],
  ['purpose', 'prefetch'],
  ['x-purpose', 'preview'],
  ['x-moz', 'prefetch'],
  ['next-router-prefetch', ''],
  ['x-middleware-prefetch', ''],
]

/** Whether nobody has asked for this page yet. */
export function isPrefetch(headers: RequestHead['headers']): boolean {
  return PREFETCHES.some(([name, word]) => headers.get(name)?.toLowerCase().includes(word))
}

function cookieHeader(request: RequestHead): string | undefined | null {
  if (typeof request?.headers?.get !== 'function') {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The first argument must be a web-standard Request. (In node:http, make one from the incoming message.)',
    )
  }
  const header = request.headers.get('cookie') ?? undefined
  return header !== undefined && header.length > COOKIE_HEADER_MAX_BYTES ? null : header
}

/** In the order of src/wasm/inputs.rs. */
function joined(
  { url, method, headers }: RequestHead,
  cookie: string | undefined,
  agent: string,
): RequestText {
  const { protocol, host } = address(url)
  return `${method}\0${protocol}\0${host}\0${given(cookie)}\0${
    header(headers, 'sec-fetch-site')
  }\0${header(headers, 'origin')}\0${agent}`
}

/** What follows, where it may matter. */
function rest(
  { url, headers }: RequestHead,
  look: Look,
  { refreshToken, csrfToken }: Found = {},
  prefetch: boolean,
): string {
  const authorization = look.authorization
    ? given(headers.get('authorization')?.slice(0, TEXT_MAX_CHARACTERS + 7))
    : ''
  const refresh = look.authorization ? given(token(refreshToken, 'refreshToken')) : ''
  const csrf = csrfToken === undefined
    ? header(headers, CSRF_HEADER)
    : given(token(csrfToken, 'csrfToken'))
  const path = look.path ? new URL(url).pathname.slice(0, PROVENANCE_MAX_CHARACTERS) : ''
  return `\0${authorization}\0${refresh}\0${csrf}\0${path}\0${prefetch ? '1' : ''}`
}

const CSRF_HEADER = 'x-csrf-token'

/** A token that somebody sent. One that is none is handed on short enough to be refused. */
function token(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be a string.`)
  }
  return value.slice(0, PROVENANCE_MAX_CHARACTERS).replaceAll('\0', ' ')
}

function given(header: string | undefined): string {
  return header === undefined ? '' : '=' + header
}

function header(headers: RequestHead['headers'], name: string): string {
  return given(headers.get(name)?.slice(0, PROVENANCE_MAX_CHARACTERS))
}

/**
 * No text that the core takes may be longer; the core has closer limits of its own. Longer ones are
 * not copied into it.
 */
const TEXT_MAX_CHARACTERS = 8193

const TEXT_LIST_MAX = 64

/** Most requests of an instance name one site, and parsing an address takes a microsecond. */
let known = { start: '\0', protocol: '', host: '' }

function address(url: string): { protocol: string; host: string } {
  if (typeof url === 'string' && url.startsWith(known.start)) return known
  try {
    const { protocol, host } = new URL(url)
    // What stands between the first slashes is all of the host: nothing that follows can change it.
    known = {
      start: `${protocol}//${host}/`,
      protocol,
      host: host.slice(0, PROVENANCE_MAX_CHARACTERS),
    }
    return known
  } catch (cause) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'request.url must be a whole address, as a web-standard Request has it.',
      { cause },
    )
  }
}

/**
 * A string that means the same in UTF-8: a lone surrogate would be replaced, and two users could
 * become one.
 */
export function wellFormed(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length > TEXT_MAX_CHARACTERS) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `${name} has ${value.length} characters, far more than it may.`,
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

export function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : wellFormed(value, name)
}

export function textList(value: unknown, name: string): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be an array of strings.`)
  }
  if (value.length > TEXT_LIST_MAX) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `${name} has ${value.length} entries, far more than it may.`,
    )
  }
  return value.map((one) => wellFormed(one, name))
}

export function jsonText(value: Json | undefined, name: string): string | undefined {
  if (value === undefined) return undefined
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be a JSON value.`, { cause })
  }
  if (text === undefined) throw new PortcullisError('ERR_ARGUMENT', `${name} must be a JSON value.`)
  return wellFormed(text, name)
}

/** A misspelt option would quietly leave its default in force. */
export function refuseUnknown(options: object, known: object, where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new PortcullisError('ERR_CONFIG', `${where} takes an object of options.`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new PortcullisError(
        'ERR_CONFIG',
        `${where} has no option "${name}": it knows ${Object.keys(known).join(', ')}.`,
      )
    }
  }
}
