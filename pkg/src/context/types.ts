/** The public types of `readContext`: the request context and the platforms. */

/**
 * The context of a request, for risk assessment. All members are optional: an unknown one is
 * absent. What the core derives from the session record (device, status of the refresh token,
 * refresh rate) is not part of this.
 */
export interface RequestContext {
  /**
   * The client address in canonical form: dotted IPv4 (also for an IPv4-mapped address), or IPv6 as
   * in RFC 5952.
   */
  ip?: string
  /** The number of the autonomous system that announces the address, 1 to 4294967295. */
  asn?: number
  /** The country as an ISO 3166-1 code of two capital letters. */
  country?: string
  /**
   * The latitude in degrees, -90 to 90. It is present only with `lon`. Risk profiles keep it to
   * half a degree.
   */
  lat?: number
  /** The longitude in degrees, -180 to 180. It is present only with `lat`. */
  lon?: number
  /** The kind of the client's network, such as mobile or hosting. */
  networkKind?: NetworkKind
  /** The User-Agent header, cut to 512 characters. */
  userAgent?: string
  /** The client hints of the browser. They may contradict the user agent. */
  clientHints?: ClientHints
  /** The TLS fingerprint of the client. It is opaque, and compared only with others of its kind. */
  tlsFingerprint?: string
  /**
   * The kind of `tlsFingerprint`. Only complete JA4 strings are supported. Hashes that depend on
   * order, such as JA3, are not, because browsers shuffle the hashed values.
   */
  tlsFingerprintKind?: 'ja4'
  /** The preferred language: one tag (RFC 5646) in lower case, at most 35 characters. */
  language?: string
  /**
   * The round-trip time between the platform and the client in milliseconds, above 0 and at most
   * 60000.
   */
  rttMs?: number
  /**
   * The number of refreshes of this session within the last access token lifetime, including this
   * one, if the site counts them. Default: the number in the session record, which keeps the last
   * five.
   */
  refreshesInTtl?: number
}

/** The kind of a network: who operates it, or what service it provides. */
export type NetworkKind = 'residential' | 'mobile' | 'hosting' | 'vpn' | 'tor' | 'relay'

/** The User-Agent Client Hints of a request. */
export interface ClientHints {
  /** The header `Sec-CH-UA` as it was sent, at most 256 characters. */
  brands: string
  /** The value of `Sec-CH-UA-Mobile`: whether the browser prefers mobile pages. */
  mobile?: boolean
  /** The operating system of `Sec-CH-UA-Platform`, without its quotes, at most 64 characters. */
  platform?: string
}

/** The reverse proxies in front of a server. */
export interface ProxyOptions {
  /**
   * The trusted proxies: their number (0 to 32), or their addresses and networks. A number is safe
   * only if clients cannot reach the server except through the proxies. A list must name the
   * proxies alone, not a network that has clients in it. Default 0: no header is trusted.
   */
  trustedProxies?: number | readonly string[]
  /**
   * The header that the proxies append the client address to. Proxies pass the other header on as
   * the client sent it. Default `'x-forwarded-for'`.
   */
  forwardedBy?: 'x-forwarded-for' | 'forwarded'
}

/** The part of `Headers` that is read. */
export type HeadersLike = Pick<Headers, 'get'>

/**
 * The part of a request that is read: its headers, and on Cloudflare its `cf`. A web-standard
 * `Request` and the result of `requestHead` have this type.
 */
export interface RequestLike {
  readonly headers: HeadersLike
}

/**
 * The platform that received the request. It is never detected: on any other platform, clients
 * could write the headers that are read.
 */
export type Platform =
  /** Reads only the headers of the browser, and no address. */
  | { platform?: undefined }
  /** Reads `request.cf` and `CF-Connecting-IP` of a Cloudflare Worker. */
  | { platform: 'cloudflare' }
  /** Reads `X-Real-IP`, `X-Vercel-IP-*` and `X-Vercel-JA4-Digest` of Vercel. */
  | { platform: 'vercel' }
  /**
   * Reads `event.client` of Fastly Compute. Without `client`, it reads the headers of a VCL service
   * in front of the origin, see docs/context.md.
   */
  | { platform: 'fastly'; client?: FastlyClient }
  /** Reads the second argument of a handler of `Deno.serve`. */
  | ({ platform: 'deno'; info: { remoteAddr: unknown } } & ProxyOptions)
  /** Reads the second argument of `fetch` in `Bun.serve`. */
  | (
    & { platform: 'bun'; server: { requestIP(request: Request): { address: string } | null } }
    & ProxyOptions
  )
  /** Reads the `socket` of an incoming message of node:http or node:https. */
  | ({ platform: 'node'; socket: { remoteAddress?: string | undefined } } & ProxyOptions)

/** The part of the client information of Fastly Compute that is read. */
export interface FastlyClient {
  /** The IP address of the client. */
  address?: string
  /** The geolocation of the address. */
  geo?: object | null
  tlsJA4?: string | null
}
