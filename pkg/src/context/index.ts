/**
 * Reads the origin of a request from its headers and its platform. The functions are pure: they
 * make no request, keep no state and infer nothing.
 */
import { PortcullisError } from '../core/errors.js'
import { normalAddress, parseAddress } from './address.js'
import { clientAddress } from './forwarded.js'
import type { FastlyClient, HeadersLike, Platform, RequestContext, RequestLike } from './types.js'
import {
  asn,
  clientHints,
  country,
  ja4,
  language,
  networkKind,
  place,
  rttMs,
  userAgent,
} from './values.js'

export type {
  ClientHints,
  FastlyClient,
  NetworkKind,
  Platform,
  ProxyOptions,
  RequestContext,
  RequestLike,
} from './types.js'

/**
 * Reads what a request and its platform tell about the client. Values are validated and normalised;
 * an invalid value is omitted, without an error.
 *
 * Name the platform that actually receives the requests. On any other platform, clients can write
 * the headers that are read, and an attacker can imitate the user's location.
 *
 * On Bun, pass the request object that the server received: Bun knows the address of no other.
 *
 * @example
 *
 * ```js
 * const context = readContext(request, { platform: 'node', socket, trustedProxies: 1 })
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for an unknown platform, and for invalid `trustedProxies` or
 * `forwardedBy`
 */
export function readContext(request: RequestLike, platform: Platform = {}): RequestContext {
  const { headers } = request
  return known({
    ...readPlatform(request, platform),
    userAgent: userAgent(headers),
    clientHints: clientHints(headers),
    language: language(headers),
  })
}

type Read = { [name in keyof RequestContext]: RequestContext[name] | undefined }

function readPlatform(request: RequestLike, platform: Platform): Read {
  const { headers } = request
  switch (platform.platform) {
    case undefined:
      return {}
    case 'cloudflare':
      return cloudflare(request)
    case 'vercel':
      return vercel(headers)
    case 'fastly':
      return platform.client ? fastlyCompute(platform.client) : fastlyOrigin(headers)
    case 'deno':
      return { ip: clientAddress(member(platform.info?.remoteAddr, 'hostname'), headers, platform) }
    case 'bun':
      return {
        ip: clientAddress(
          platform.server?.requestIP?.(request as Request)?.address,
          headers,
          platform,
        ),
      }
    case 'node':
      return { ip: clientAddress(platform.socket?.remoteAddress, headers, platform) }
    default:
      throw new PortcullisError(
        'ERR_CONFIG',
        `Unknown platform ${
          JSON.stringify((platform as { platform: unknown }).platform)
        }: expected cloudflare, vercel, fastly, deno, bun or node.`,
      )
  }
}

/** Reads the `cf` object of a Worker. Its `clientTcpRtt` is 0 over QUIC, which is omitted. */
function cloudflare(request: RequestLike): Read {
  const cf = member(request, 'cf')
  const code = member(cf, 'country')
  return {
    ip: cloudflareAddress(request.headers),
    asn: asn(member(cf, 'asn')),
    country: country(code),
    ...place(member(cf, 'latitude'), member(cf, 'longitude')),
    networkKind: code === 'T1' ? 'tor' : undefined,
    ...ja4(member(member(cf, 'botManagement'), 'ja4')),
    rttMs: rttMs(member(cf, 'clientTcpRtt')),
  }
}

/**
 * Reads the client address. With Pseudo IPv4, an IPv6 client appears under a reserved address in
 * 240.0.0.0/4, and its own address is in another header.
 */
function cloudflareAddress(headers: HeadersLike): string | undefined {
  const address = parseAddress(headers.get('cf-connecting-ip'))
  const isPseudo = address !== null && address[5] === 0xffff && (address[6] ?? 0) >= 0xf000
  return normalAddress(headers.get(isPseudo ? 'cf-connecting-ipv6' : 'cf-connecting-ip'))
}

function vercel(headers: HeadersLike): Read {
  return {
    ip: normalAddress(headers.get('x-real-ip')),
    asn: asn(headers.get('x-vercel-ip-as-number')),
    country: country(headers.get('x-vercel-ip-country')),
    ...place(headers.get('x-vercel-ip-latitude'), headers.get('x-vercel-ip-longitude')),
    ...ja4(headers.get('x-vercel-ja4-digest')),
  }
}

function fastlyCompute({ address, geo, tlsJA4 }: FastlyClient): Read {
  return {
    ip: normalAddress(address),
    asn: asn(member(geo, 'as_number')),
    country: country(member(geo, 'country_code')),
    ...place(member(geo, 'latitude'), member(geo, 'longitude')),
    networkKind: networkKind({
      description: member(geo, 'proxy_description'),
      proxy: member(geo, 'proxy_type'),
      connection: member(geo, 'conn_type'),
    }),
    ...ja4(tlsJA4),
  }
}

/**
 * Reads the headers of an origin behind a Fastly VCL service. They are named after the VCL
 * variables, with hyphens; `client.socket.tcpi_rtt` is in microseconds.
 */
function fastlyOrigin(headers: HeadersLike): Read {
  return {
    ip: normalAddress(headers.get('fastly-client-ip')),
    asn: asn(headers.get('client-as-number')),
    country: country(headers.get('client-geo-country-code')),
    ...place(headers.get('client-geo-latitude'), headers.get('client-geo-longitude')),
    networkKind: networkKind({
      description: headers.get('client-geo-proxy-description'),
      proxy: headers.get('client-geo-proxy-type'),
      connection: headers.get('client-geo-conn-type'),
    }),
    ...ja4(headers.get('tls-client-ja4')),
    rttMs: rttMs(headers.get('client-socket-tcpi-rtt'), 1000),
  }
}

/**
 * Reads a property of a platform object. These objects differ between versions, so a missing
 * property is `undefined`.
 */
function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null
    ? (of as { [name: string]: unknown })[name]
    : undefined
}

/** Removes the undefined members, so that the context has only members that are known. */
function known(read: Read): RequestContext {
  return Object.fromEntries(
    Object.entries(read).filter(([, value]) => value !== undefined),
  ) as RequestContext
}
