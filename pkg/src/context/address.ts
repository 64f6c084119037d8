/** Parses and formats IP addresses. An address is eight groups of 16 bits; IPv4 is IPv4-mapped. */
import { PortcullisError } from '../core/errors.js'

/** An IP address as eight groups of 16 bits. */
export type Address = readonly number[]

/** The length of the longest form of an address, without its zone. */
const MAX_CHARACTERS = 45

/**
 * Parses an address, `null` if it is invalid. A zone (`fe80::1%eth0`, RFC 4007) names an interface
 * of this machine and is dropped.
 */
export function parseAddress(text: unknown): Address | null {
  if (typeof text !== 'string') return null
  const [plain = ''] = text.slice(0, 2 * MAX_CHARACTERS).split('%', 1)
  if (plain.length > MAX_CHARACTERS) return null
  if (plain.includes(':')) return parseIpv6(plain)
  const low = parseIpv4(text)
  return low === null ? null : [...MAPPED, ...low]
}

/** Formats an address: dotted IPv4 (also for `::ffff:192.0.2.1`), or IPv6 as in RFC 5952. */
export function addressText(address: Address): string {
  if (isIpv4(address)) {
    return address.slice(6).flatMap((group) => [group >> 8, group & 255]).join('.')
  }
  const { start, length } = longestZeros(address)
  const hex = (groups: Address): string => groups.map((group) => group.toString(16)).join(':')
  return length < 2
    ? hex(address)
    : `${hex(address.slice(0, start))}::${hex(address.slice(start + length))}`
}

/** Normalises an address of a request, `undefined` if it is invalid. */
export function normalAddress(text: unknown): string | undefined {
  const address = parseAddress(text)
  return address === null ? undefined : addressText(address)
}

/** A set of addresses, such as `'10.0.0.1'`, `'10.0.0.0/8'` or `'2001:db8::/32'`. */
export interface AddressRange {
  address: Address
  /** The length of the prefix in bits, 0 to 128. */
  prefix: number
}

/**
 * Parses an address or a network. Bits after the prefix are rejected, so that a typing error cannot
 * trust other addresses.
 *
 * @throws PortcullisError `ERR_CONFIG` for an invalid network
 */
export function parseNetwork(text: unknown): AddressRange {
  const [, host, bits] = (typeof text === 'string' && /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text)) || []
  const address = parseAddress(host)
  const offset = host !== undefined && !host.includes(':') ? 96 : 0
  const prefix = bits === undefined ? 128 : Number(bits) + offset
  if (
    address === null || prefix > 128
    || !isInside(address, { address: masked(address, prefix), prefix: 128 })
  ) {
    throw new PortcullisError(
      'ERR_CONFIG',
      `Invalid entry ${
        JSON.stringify(text)
      } of trustedProxies: pass an address, or a network such as 10.0.0.0/8 without host bits.`,
    )
  }
  return { address, prefix }
}

/** Whether an address is inside a range. */
export function isInside(address: Address, { address: network, prefix }: AddressRange): boolean {
  const [left, right] = [masked(address, prefix), masked(network, prefix)]
  return left.every((group, n) => group === right[n])
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff]

const isIpv4 = (address: Address): boolean => MAPPED.every((group, n) => address[n] === group)

/**
 * Parses dotted IPv4. Leading zeros are rejected, because some programs read them as octal and
 * would see another address.
 */
function parseIpv4(text: string): [number, number] | null {
  const parts = text.split('.')
  if (
    parts.length !== 4
    || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  ) return null
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number]
  return [a * 256 + b, c * 256 + d]
}

/** Parses IPv6 (RFC 4291 section 2.2). */
function parseIpv6(text: string): Address | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const groups = halves.map((half, n) => parseGroups(half, n === halves.length - 1))
  const [left, right] = groups
  if (left === null || left === undefined || right === null) return null
  if (right === undefined) return left.length === 8 ? left : null
  const missing = 8 - left.length - right.length
  return missing < 1 ? null : [...left, ...Array<number>(missing).fill(0), ...right]
}

/** Parses the groups of one side of `::`. Only the last group of the address may be dotted IPv4. */
function parseGroups(text: string, isLast: boolean): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [n, part] of parts.entries()) {
    const low = isLast && n === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null
    if (low !== null) groups.push(...low)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16))
    else return null
  }
  return groups
}

function masked(address: Address, prefix: number): Address {
  return address.map((group, n) =>
    group & (0xffff << Math.min(16, Math.max(0, 16 * (n + 1) - prefix)))
  )
}

/** Finds the first of the longest runs of zero groups. */
function longestZeros(address: Address): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < 8; start += 1) {
    let length = 0
    while (start + length < 8 && address[start + length] === 0) length += 1
    if (length > best.length) best = { start, length }
  }
  return best
}
