/**
 * Finds the client address behind proxies. The header is read from the right, because only its
 * right end was written by trusted proxies; the client may have sent the rest.
 *
 * | trusted | the peer | the header, from the right | the client |
 * |---|---|---|---|
 * | none (the default) | any | not read | the peer |
 * | `n` hops | the first hop | has `n` entries or more | the n-th |
 * | `n` hops | the first hop | has fewer | unknown |
 * | a list | not in it | not read | the peer |
 * | a list | in it | an entry that is not in it | the first such entry |
 * | a list | in it | before that, an entry that is no address | unknown |
 * | a list | in it | all entries are in it | unknown |
 */
import { PortcullisError } from '../core/errors.js'
import {
  type Address,
  type AddressRange,
  addressText,
  isInside,
  parseAddress,
  parseNetwork,
} from './address.js'
import type { HeadersLike, ProxyOptions } from './types.js'

/** The maximum number of proxies. */
const MAX_HOPS = 32
/** The number of characters that are read from the right end of the header. */
const MAX_HEADER_CHARACTERS = 8192

/**
 * Finds the client address by the options of the site, `undefined` if it is unknown.
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid option
 */
export function clientAddress(
  peer: unknown,
  headers: HeadersLike,
  { trustedProxies = 0, forwardedBy = 'x-forwarded-for' }: ProxyOptions,
): string | undefined {
  const trust = trustOf(trustedProxies)
  const entriesOf = READERS[forwardedBy]
  if (!Object.hasOwn(READERS, forwardedBy)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      `Invalid forwardedBy: expected ${
        Object.keys(READERS).map((name) => `'${name}'`).join(' or ')
      }.`,
    )
  }
  const text = (): string => (headers.get(forwardedBy) ?? '').slice(-MAX_HEADER_CHARACTERS)
  const client = typeof trust === 'number'
    ? byHops(parseAddress(peer), trust, () => entriesOf(text()))
    : byList(parseAddress(peer), trust, () => entriesOf(text()))
  return client === null ? undefined : addressText(client)
}

function byHops(
  peer: Address | null,
  hops: number,
  entries: () => Iterable<string>,
): Address | null {
  if (hops === 0) return peer
  let left = hops
  for (const entry of entries()) {
    left -= 1
    if (left === 0) return parseNode(entry)
  }
  return null
}

function byList(
  peer: Address | null,
  trusted: AddressRange[],
  entries: () => Iterable<string>,
): Address | null {
  const isTrusted = (address: Address): boolean =>
    trusted.some((network) => isInside(address, network))
  if (peer === null || !isTrusted(peer)) return peer
  let left = MAX_HOPS
  for (const entry of entries()) {
    const address = parseNode(entry)
    if (address === null || !isTrusted(address)) return address
    left -= 1
    if (left === 0) return null
  }
  return null
}

/**
 * Parses an address with an optional port: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`. The
 * identifiers `unknown` and `_hidden` (RFC 7239 section 6) are not addresses.
 */
function parseNode(text: string): Address | null {
  const [, bracketed, dotted] = /^\[([^\]]*)\](?::\w{1,6})?$|^([\d.]+):\w{1,6}$/.exec(text) ?? []
  if (bracketed !== undefined && !bracketed.includes(':')) return null
  return parseAddress(bracketed ?? dotted ?? text)
}

const READERS: Record<
  NonNullable<ProxyOptions['forwardedBy']>,
  (text: string) => Iterable<string>
> = {
  'x-forwarded-for': function*(text) {
    for (const part of partsFromTheRight(text, ',')) yield part
  },
  /** Reads the header Forwarded (RFC 7239 section 4). */
  forwarded: function*(text) {
    for (const element of partsFromTheRight(text, ',')) yield forOf(element)
  },
}

/** Returns the node of one element; empty if the element has none or several. */
function forOf(element: string): string {
  const nodes = [...partsFromTheRight(element, ';')].filter((pair) => /^for=/i.test(pair)).map((
    pair,
  ) => pair.slice('for='.length))
  const [node = ''] = nodes
  if (nodes.length !== 1) return ''
  const quoted = /^"([^"\\]*)"$/.exec(node)
  return quoted?.[1] ?? (/["\\]/.test(node) ? '' : node)
}

/**
 * Splits a header outside quotes, from the right, so that a quote that the client leaves open does
 * not hide what the trusted proxies wrote to the right of it.
 */
function* partsFromTheRight(text: string, separator: string): Generator<string> {
  let end = text.length
  let quoted = false
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (text[at] === '"') quoted = !quoted
    else if (text[at] === separator && !quoted) {
      yield trimmed(text.slice(at + 1, end))
      end = at
    }
  }
  if (text !== '') yield trimmed(text.slice(0, end))
}

const trimmed = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/** The parsed lists. A list is part of the configuration, so each request passes the same one. */
const known = new WeakMap<readonly string[], { source: string; networks: AddressRange[] }>()

function trustOf(given: ProxyOptions['trustedProxies']): number | AddressRange[] {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= MAX_HOPS) {
    return given
  }
  if (!Array.isArray(given)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      `Invalid trustedProxies: pass a number of hops from 0 to ${MAX_HOPS}, or a list of addresses and networks.`,
    )
  }
  const source = given.join()
  const kept = known.get(given)
  if (kept?.source === source) return kept.networks
  const networks = given.map(parseNetwork)
  known.set(given, { source, networks })
  return networks
}
