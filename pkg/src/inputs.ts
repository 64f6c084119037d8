/** From what the application gives to what the core takes. Checks types; the core checks values. */
import { PortcullisError } from './errors.js'
import type { RequestFacts } from './protocol.js'
import type { Json } from './types.js'

/** Above this a Cookie header is not even copied into the core. */
const COOKIE_HEADER_MAX_BYTES = 16 * 1024

/** No host name and no origin is longer; cut, it is nobody's. */
const PROVENANCE_MAX_CHARACTERS = 1024

/** Where the cookies are, and where the request comes from. `null` where the Cookie header is too large to be looked at. */
export function requestFacts(request: Request): RequestFacts | null {
  const header = cookieHeader(request)
  return header === null ? null : { ...provenance(request), cookie: header }
}

/** The same without an oversize Cookie header, for operations that must work all the same. */
export function requestFactsOrNoCookies(request: Request): RequestFacts {
  return { ...provenance(request), cookie: cookieHeader(request) ?? undefined }
}

function cookieHeader(request: Request): string | undefined | null {
  if (typeof request?.headers?.get !== 'function') {
    throw new PortcullisError('ERR_ARGUMENT', 'The first argument must be a web-standard Request. (In node:http, make one from the incoming message.)')
  }
  const header = request.headers.get('cookie') ?? undefined
  return header !== undefined && header.length > COOKIE_HEADER_MAX_BYTES ? null : header
}

function provenance(request: Request): Omit<RequestFacts, 'cookie'> {
  const { protocol, host } = address(request.url)
  const header = (name: string): string | undefined => request.headers.get(name)?.slice(0, PROVENANCE_MAX_CHARACTERS)
  return { method: request.method, scheme: protocol, host: host.slice(0, PROVENANCE_MAX_CHARACTERS), secFetchSite: header('sec-fetch-site'), origin: header('origin'), userAgent: header('user-agent') }
}

/** No text that the core takes may be longer; the core has closer limits of its own. Longer ones are not copied into it. */
const TEXT_MAX_CHARACTERS = 8193

const TEXT_LIST_MAX = 64

function address(url: string): URL {
  try {
    return new URL(url)
  } catch (cause) {
    throw new PortcullisError('ERR_ARGUMENT', 'request.url must be a whole address, as a web-standard Request has it.', { cause })
  }
}

/** A string that means the same in UTF-8: a lone surrogate would be replaced, and two users could become one. */
export function wellFormed(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length > TEXT_MAX_CHARACTERS) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} has ${value.length} characters, far more than it may.`)
  }
  if (typeof value !== 'string' || /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value)) {
    throw new PortcullisError('ERR_ARGUMENT', `${name} must be a string without lone surrogates.`)
  }
  return value
}

export function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : wellFormed(value, name)
}

export function textList(value: unknown, name: string): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new PortcullisError('ERR_ARGUMENT', `${name} must be an array of strings.`)
  if (value.length > TEXT_LIST_MAX) throw new PortcullisError('ERR_ARGUMENT', `${name} has ${value.length} entries, far more than it may.`)
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
  if (typeof options !== 'object' || options === null) throw new PortcullisError('ERR_CONFIG', `${where} takes an object of options.`)
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw new PortcullisError('ERR_CONFIG', `${where} has no option "${name}": it knows ${Object.keys(known).join(', ')}.`)
  }
}
