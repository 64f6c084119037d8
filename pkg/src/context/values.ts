/**
 * Validates and normalises single values of a request. An invalid value becomes `undefined`,
 * without an error.
 */
import type { ClientHints, HeadersLike, NetworkKind, RequestContext } from './types.js'

const MAX_USER_AGENT_CHARACTERS = 512
const MAX_BRANDS_CHARACTERS = 256
const MAX_RTT_MS = 60_000

/** Reads an AS number: `AS64496`, `64496` or a number. Databases use 0 for an unknown one. */
export function asn(value: unknown): number | undefined {
  const number = typeof value === 'string'
    ? numeric(value.replace(/^AS/i, ''), /^\d{1,10}$/)
    : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 1
      && number <= 0xffffffff
    ? number
    : undefined
}

/**
 * Reads a country code. XX and ZZ mean an unknown country; T1 (Tor) is returned, although it is a
 * network.
 */
export function country(value: unknown): string | undefined {
  const code = typeof value === 'string' && /^[a-z]{2}$/i.test(value)
    ? value.toUpperCase()
    : undefined
  return code === 'XX' || code === 'ZZ' ? undefined : code
}

/**
 * Reads a latitude and a longitude: both or neither. Databases use 0 and 0 for an unknown place.
 */
export function place(latitude: unknown, longitude: unknown): Pick<RequestContext, 'lat' | 'lon'> {
  const [lat, lon] = [degrees(latitude, 90), degrees(longitude, 180)]
  return lat === undefined || lon === undefined || (lat === 0 && lon === 0) ? {} : { lat, lon }
}

function degrees(value: unknown, max: number): number | undefined {
  const number = typeof value === 'string' ? numeric(value, /^[+-]?\d{1,3}(\.\d{1,20})?$/) : value
  // Adding 0 turns -0 into 0.
  return typeof number === 'number' && Math.abs(number) <= max ? number + 0 : undefined
}

/** Reads a round-trip time. `perMs` is the number of its units in a millisecond. */
export function rttMs(value: unknown, perMs = 1): number | undefined {
  const number = typeof value === 'string' ? numeric(value, /^\d{1,12}(\.\d{1,12})?$/) : value
  const ms = typeof number === 'number' ? number / perMs : NaN
  return ms > 0 && ms <= MAX_RTT_MS ? ms : undefined
}

function numeric(text: string, shape: RegExp): number | undefined {
  return shape.test(text) ? Number(text) : undefined
}

/** Reads a complete JA4 fingerprint, which has three parts. */
export function ja4(value: unknown): Pick<RequestContext, 'tlsFingerprint' | 'tlsFingerprintKind'> {
  const fits = typeof value === 'string'
    && /^[tqd][0-9a-z]{2}[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/.test(value)
  return fits ? { tlsFingerprint: value, tlsFingerprintKind: 'ja4' } : {}
}

/**
 * The values of Fastly's geolocation that determine the kind of a network, the most specific first.
 */
const KINDS: [property: 'description' | 'proxy' | 'connection', value: string, NetworkKind][] = [
  ['description', 'tor-exit', 'tor'],
  ['description', 'tor-relay', 'tor'],
  ['description', 'apple', 'relay'],
  ['description', 'google', 'relay'],
  ['description', 'web-browser', 'relay'],
  ['description', 'vpn', 'vpn'],
  ['description', 'cloud', 'hosting'],
  ['proxy', 'hosting', 'hosting'],
  ['connection', 'mobile', 'mobile'],
]

/** Determines the kind of a network from Fastly's geolocation. */
export function networkKind(
  geolocation: { [property in (typeof KINDS)[number][0]]: unknown },
): NetworkKind | undefined {
  return KINDS.find(([property, value]) => geolocation[property] === value)?.[2]
}

/** Reads the User-Agent header, cut to its maximum length. */
export function userAgent(headers: HeadersLike): string | undefined {
  return headers.get('user-agent')?.slice(0, MAX_USER_AGENT_CHARACTERS) || undefined
}

/** Reads the client hints. A brand list that is too long or malformed (RFC 8941) gives none. */
export function clientHints(headers: HeadersLike): ClientHints | undefined {
  const brands = headers.get('sec-ch-ua') ?? ''
  if (brands.length > MAX_BRANDS_CHARACTERS || !/^"[\x20-\x7e]*"(;[\x20-\x7e]*)?$/.test(brands)) {
    return undefined
  }
  const mobile = /^\?([01])$/.exec(headers.get('sec-ch-ua-mobile') ?? '')?.[1]
  const platform = /^"([\x20\x21\x23-\x5b\x5d-\x7e]{1,64})"$/.exec(
    headers.get('sec-ch-ua-platform') ?? '',
  )?.[1]
  return { brands, ...(mobile && { mobile: mobile === '1' }), ...(platform && { platform }) }
}

/**
 * Reads the preferred language: the first one with the highest weight (RFC 9110 section 12.5.4).
 */
export function language(headers: HeadersLike): string | undefined {
  const given = (headers.get('accept-language') ?? '').slice(0, 256).split(',').slice(0, 16)
  const likes = given.map((one) =>
    /^[ \t]*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i
      .exec(one)
  )
  let best: { tag: string; weight: number } | undefined
  for (const like of likes) {
    const [tag, weight] = [like?.[1] ?? '', Number(like?.[2] ?? 1)]
    if (tag !== '' && tag.length <= 35 && weight > (best?.weight ?? 0)) {
      best = { tag: tag.toLowerCase(), weight }
    }
  }
  return best?.tag
}
