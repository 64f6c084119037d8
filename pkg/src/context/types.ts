/** What is known of where a request comes from, and how a platform says it. */

/**
 * Where a request comes from, for scoring. Everything is optional: what is not known is not there.
 * What a session knows of itself (its device, what its refresh token did, how often it refreshes)
 * is not read from requests and not part of this.
 */
export interface RequestContext {
  /**
   * The client's address in one spelling: IPv4 in dots (also where it came IPv4-mapped), IPv6 as in
   * RFC 5952.
   */
  ip?: string
  /** The autonomous system that announces the address: 1 to 4294967295. */
  asn?: number
  /** ISO 3166-1, two capital letters. */
  country?: string
  /**
   * Degrees, -90 to 90. Never without `lon`. Scoring keeps no more of it than the nearest half
   * degree.
   */
  lat?: number
  /** Degrees, -180 to 180. */
  lon?: number
  /** Whose network it is: a carrier's, a data centre's, and so on. */
  networkKind?: NetworkKind
  /** At most 512 characters. */
  userAgent?: string
  /**
   * What the browser says of itself in `Sec-CH-UA`, beside the user agent: the two may contradict
   * each other.
   */
  clientHints?: ClientHints
  /** Opaque: only ever compared with another of its kind. */
  tlsFingerprint?: string
  /**
   * Whole JA4 strings are given. Order-sensitive hashes such as JA3 are not read: browsers shuffle
   * what they hash.
   */
  tlsFingerprintKind?: 'ja4'
  /**
   * The language that the browser likes best: one tag (RFC 5646) in lower case, at most 35
   * characters.
   */
  language?: string
  /** Milliseconds from the platform to the client and back, above 0, at most 60000. */
  rttMs?: number
  /**
   * Refreshes of this session within the last lifetime of an access token, this one included, where
   * you count them (no reader does). Default: what the session's record tells, which forgets all
   * but the last five.
   */
  refreshesInTtl?: number
}

export type NetworkKind = 'residential' | 'mobile' | 'hosting' | 'vpn' | 'tor' | 'relay'

export interface ClientHints {
  /** `Sec-CH-UA` as it was sent, at most 256 characters. */
  brands: string
  /** `Sec-CH-UA-Mobile`. */
  mobile?: boolean
  /** `Sec-CH-UA-Platform` without its quotes, at most 64 characters. */
  platform?: string
}

/** Who stands in front of a server of your own. */
export interface ProxyOptions {
  /**
   * How many proxies of yours stand in front (0 to 32), or their addresses and networks. A number
   * is right only where nobody can reach the server past them; in a list name the proxies and
   * nobody else, not a whole network of users. Default 0: no header is believed.
   */
  trustedProxies?: number | readonly string[]
  /**
   * The header that those proxies append to. The other one passes through them as the client sent
   * it. Default `'x-forwarded-for'`.
   */
  forwardedBy?: 'x-forwarded-for' | 'forwarded'
}

/** What is read of headers. */
export type HeadersLike = Pick<Headers, 'get'>

/**
 * What is read of a request: its headers, and on Cloudflare its `cf`. Every web-standard `Request`
 * is one, and what `requestHead` gives.
 */
export interface RequestLike {
  readonly headers: HeadersLike
}

/**
 * The platform that took the request. Named by you and never guessed: on another platform its
 * headers are the client's own words.
 */
export type Platform =
  /** No platform: what the browser says of itself, and no address. */
  | { platform?: undefined }
  /** A Worker: `request.cf` and `CF-Connecting-IP`. */
  | { platform: 'cloudflare' }
  /** `X-Real-IP`, `X-Vercel-IP-*` and `X-Vercel-JA4-Digest`. */
  | { platform: 'vercel' }
  /**
   * Compute: `event.client`. Without it: an origin behind a VCL service that sets the headers in
   * docs/context.md.
   */
  | { platform: 'fastly'; client?: FastlyClient }
  /** The second argument of a handler of `Deno.serve`. */
  | ({ platform: 'deno'; info: { remoteAddr: unknown } } & ProxyOptions)
  /** The second argument of `fetch` in `Bun.serve`. */
  | (
    & { platform: 'bun'; server: { requestIP(request: Request): { address: string } | null } }
    & ProxyOptions
  )
  /** The `socket` of an incoming message of node:http or node:https. */
  | ({ platform: 'node'; socket: { remoteAddress?: string | undefined } } & ProxyOptions)

/** What Fastly Compute says of a client, as far as it is read. */
export interface FastlyClient {
  address?: string
  geo?: object | null
  tlsJA4?: string | null
}
