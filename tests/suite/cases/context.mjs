// What readers make of requests and platforms: header in, context out. Most of it is about headers that lie.
import { readContext } from 'portcullis/context'
import { equal, ok, throwsCode } from '../assert.mjs'

const JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1'

/** Browsers drop some headers from every Request that a script makes; nothing but these is looked at. */
const request = (headers = {}, more = {}) => ({ method: 'GET', url: 'https://app.example/', headers: new Headers(headers), ...more })
const node = (remoteAddress, headers, options = {}) => readContext(request(headers), { platform: 'node', socket: { remoteAddress }, ...options }).ip

/** [words, peer, X-Forwarded-For, trustedProxies, the client]. 10.0.0.0/8 is ours, 203.0.113.9 the client, 198.51.100.66 a lie. */
const FORWARDED_FOR = [
  ['nobody trusted, no header', '203.0.113.9', undefined, undefined, '203.0.113.9'],
  ['nobody trusted, a forged header', '203.0.113.9', '198.51.100.66', undefined, '203.0.113.9'],
  ['nobody trusted, said with 0', '203.0.113.9', '198.51.100.66', 0, '203.0.113.9'],
  ['nobody trusted, said with an empty list', '203.0.113.9', '198.51.100.66', [], '203.0.113.9'],
  ['1 hop', '10.0.0.1', '203.0.113.9', 1, '203.0.113.9'],
  ['1 hop, forged before it', '10.0.0.1', '198.51.100.66, 203.0.113.9', 1, '203.0.113.9'],
  ['2 hops', '10.0.0.1', '203.0.113.9, 10.0.0.2', 2, '203.0.113.9'],
  ['2 hops, forged before them', '10.0.0.1', '198.51.100.66, 203.0.113.9, 10.0.0.2', 2, '203.0.113.9'],
  ['3 hops', '10.0.0.1', '203.0.113.9, 10.0.0.3, 10.0.0.2', 3, '203.0.113.9'],
  ['fewer hops than promised', '10.0.0.1', '203.0.113.9', 2, undefined],
  ['1 hop and no header', '10.0.0.1', undefined, 1, undefined],
  ['1 hop and an empty header', '10.0.0.1', '', 1, undefined],
  ['1 hop that wrote garbage', '10.0.0.1', '198.51.100.66, <script>', 1, undefined],
  ['1 hop that wrote nothing', '10.0.0.1', '198.51.100.66,', 1, undefined],
  ['1 hop over a pipe without an address', undefined, '203.0.113.9', 1, '203.0.113.9'],
  ['a trusted peer', '10.0.0.1', '203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  ['a trusted peer, forged before it', '10.0.0.1', '198.51.100.66, 203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  ['a trusted peer, forged as one of ours', '10.0.0.1', '10.9.9.9, 203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  ['3 trusted proxies', '10.0.0.1', '198.51.100.66, 203.0.113.9, 10.0.0.3, 10.0.0.2', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], '203.0.113.9'],
  ['a proxy that is not in the list is the client', '10.0.0.1', '203.0.113.9, 10.0.0.3, 10.0.0.2', ['10.0.0.1', '10.0.0.2'], '10.0.0.3'],
  ['a peer that is not trusted', '203.0.113.9', '198.51.100.66', ['10.0.0.0/8'], '203.0.113.9'],
  ['a peer outside the network by one', '10.1.0.0', '198.51.100.66', ['10.0.0.0/16'], '10.1.0.0'],
  ['a peer inside the network by one', '10.0.255.255', '203.0.113.9', ['10.0.0.0/16'], '203.0.113.9'],
  ['an IPv4 peer on an IPv6 socket', '::ffff:10.0.0.1', '203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  ['an IPv6 peer', '2001:db8:1::7', '203.0.113.9', ['2001:db8:1::/48'], '203.0.113.9'],
  ['an IPv6 peer outside by one', '2001:db8:2::', '198.51.100.66', ['2001:db8:1::/48'], '2001:db8:2::'],
  ['garbage behind the trusted ones', '10.0.0.1', '203.0.113.9, nonsense, 10.0.0.2', ['10.0.0.0/8'], undefined],
  ['nobody but ours', '10.0.0.1', '10.0.0.3, 10.0.0.2', ['10.0.0.0/8'], undefined],
  ['more of ours than anybody has', '10.0.0.1', `203.0.113.9${', 10.0.0.2'.repeat(40)}`, ['10.0.0.0/8'], undefined],
  ['a peer that is none', 'nobody', '198.51.100.66', ['10.0.0.0/8'], undefined],
]

/** What one entry may look like: [entry, the client]. */
const ENTRIES = [
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:4711', '203.0.113.9'],
  ['2001:DB8:0:0::9', '2001:db8::9'],
  ['[2001:db8::9]', '2001:db8::9'],
  ['[2001:db8::9]:4711', '2001:db8::9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
  ['fe80::1%eth0', 'fe80::1'],
  ['\t203.0.113.9 ', '203.0.113.9'],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['203.0.113', undefined],
  ['203.0.113.256', undefined],
  ['203.0.113.09', undefined],
  ['0xcb.0.113.9', undefined],
  ['3405803785', undefined],
  ['203.0.113.9.1', undefined],
  ['203.0.113.9%eth0', undefined],
  ['2001:db8::9::1', undefined],
  ['2001:db8', undefined],
  ['1:2:3:4:5:6:7:8:9', undefined],
  ['12345::1', undefined],
  ['[203.0.113.9]', undefined],
  ['[2001:db8::9', undefined],
  ['203.0.113.9 198.51.100.66', undefined],
  ['9'.repeat(5000), undefined],
]

/** [Forwarded, hops, the client] */
const FORWARDED = [
  ['for=203.0.113.9', 1, '203.0.113.9'],
  ['For=203.0.113.9;proto=https;by=10.0.0.1', 1, '203.0.113.9'],
  ['proto=https; FOR="[2001:db8:cafe::17]:4711"', 1, '2001:db8:cafe::17'],
  ['for="203.0.113.9:80"', 1, '203.0.113.9'],
  ['for=198.51.100.66, for=203.0.113.9', 1, '203.0.113.9'],
  ['for=203.0.113.9, for=10.0.0.2', 2, '203.0.113.9'],
  ['for=203.0.113.9', 2, undefined],
  ['for="198.51.100.66, for=203.0.113.9', 1, '203.0.113.9'],
  ['for="a;b, c\\", for=203.0.113.9;host="a, b"', 1, '203.0.113.9'],
  ['for=unknown', 1, undefined],
  ['for="_gazonk"', 1, undefined],
  ['for=_SEVKISEK', 1, undefined],
  ['for=198.51.100.66;for=203.0.113.9', 1, undefined],
  ['by=203.0.113.9', 1, undefined],
  ['203.0.113.9', 1, undefined],
  ['for="203.0.113.9', 1, undefined],
  ['for="203.0.\\113.9"', 1, undefined],
  ['', 1, undefined],
]

const CF = { asn: 64496, country: 'DE', latitude: '52.52000', longitude: '13.40500', clientTcpRtt: 22, botManagement: { ja4: JA4, ja3Hash: 'not read' } }
const CF_READ = { ip: '203.0.113.9', asn: 64496, country: 'DE', lat: 52.52, lon: 13.405, tlsFingerprint: JA4, tlsFingerprintKind: 'ja4', rttMs: 22 }
const fromCloudflare = (cf, headers = { 'cf-connecting-ip': '203.0.113.9' }) => readContext(request(headers, { cf }), { platform: 'cloudflare' })

const VERCEL = { 'x-real-ip': '203.0.113.9', 'x-vercel-ip-as-number': '64496', 'x-vercel-ip-country': 'DE', 'x-vercel-ip-latitude': '52.52', 'x-vercel-ip-longitude': '-13.405', 'x-vercel-ja4-digest': JA4 }
const FASTLY = {
  'fastly-client-ip': '2001:db8::9', 'client-as-number': '64496', 'client-geo-country-code': 'DE', 'client-geo-latitude': '52.52', 'client-geo-longitude': '13.405',
  'client-geo-proxy-type': 'hosting', 'client-geo-proxy-description': '?', 'client-geo-conn-type': 'wired', 'tls-client-ja4': JA4, 'client-socket-tcpi-rtt': '22500',
}
const COMPUTE = { address: '203.0.113.9', geo: { as_number: 64496, country_code: 'DE', latitude: 52.52, longitude: 13.405, proxy_type: 'anonymous', proxy_description: 'vpn', conn_type: 'mobile' }, tlsJA4: JA4 }
const FASTLY_READ = { ip: '2001:db8::9', asn: 64496, country: 'DE', lat: 52.52, lon: 13.405, networkKind: 'hosting', tlsFingerprint: JA4, tlsFingerprintKind: 'ja4', rttMs: 22.5 }

/** Every header that some platform writes, written by a client. */
const FORGED = { ...VERCEL, ...FASTLY, 'cf-connecting-ip': '198.51.100.66', 'x-forwarded-for': '198.51.100.66', forwarded: 'for=198.51.100.66', 'true-client-ip': '198.51.100.66', 'cf-ipcountry': 'DE' }

/** Members of `request.cf` that make no sense: [member, values]. */
const NONSENSE = [
  ['asn', [0, -1, 1.5, NaN, Infinity, 4294967296, '', 'AS', '1e3', '99999999999', {}, [], null, true]],
  ['country', ['', 'D', 'DEU', 'XX', 'zz', '1A', 'Ä1', 7, null, {}]],
  ['latitude', ['', ' ', 'north', '91', '-90.1', '1e1', '0x10', NaN, Infinity, 999, null, true, {}]],
  ['longitude', ['', '181', '-180.5', NaN, -Infinity, undefined, []]],
  ['clientTcpRtt', [0, -1, NaN, Infinity, 60001, '', 'fast', '-1', null, {}]],
  ['botManagement', [null, 'x', {}, { ja4: '' }, { ja4: 7 }, { ja4: `${JA4}x` }, { ja4: JA4.toUpperCase() }, { ja4: 'x'.repeat(100000) }]],
]

/** [headers, the context of no platform] */
const BROWSERS = [
  [{}, {}],
  [{ 'user-agent': 'A/1' }, { userAgent: 'A/1' }],
  [{ 'user-agent': 'x'.repeat(600) }, { userAgent: 'x'.repeat(512) }],
  [{ 'sec-ch-ua': '"Chromium";v="140", "Not A;Brand";v="8"', 'sec-ch-ua-mobile': '?0', 'sec-ch-ua-platform': '"Linux"' }, { clientHints: { brands: '"Chromium";v="140", "Not A;Brand";v="8"', mobile: false, platform: 'Linux' } }],
  [{ 'sec-ch-ua': '"A"', 'sec-ch-ua-mobile': '?1' }, { clientHints: { brands: '"A"', mobile: true } }],
  [{ 'sec-ch-ua': '"A"', 'sec-ch-ua-mobile': 'yes', 'sec-ch-ua-platform': 'Linux' }, { clientHints: { brands: '"A"' } }],
  [{ 'sec-ch-ua': 'Chromium' }, {}],
  [{ 'sec-ch-ua': `"${'x'.repeat(255)}"` }, {}],
  [{ 'sec-ch-ua-mobile': '?1', 'sec-ch-ua-platform': '"Linux"' }, {}],
  [{ 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' }, { language: 'de-de' }],
  [{ 'accept-language': 'en;q=0.8, fr-CA;q=0.95 , *;q=1' }, { language: 'fr-ca' }],
  [{ 'accept-language': 'de;q=0, en;q=0.001' }, { language: 'en' }],
  [{ 'accept-language': '*' }, {}],
  [{ 'accept-language': 'de;q=2, !!, en;q=x' }, {}],
  [{ 'accept-language': `de-${'abcdefgh-'.repeat(5)}x` }, {}],
]

export const cases = [
  ...FORWARDED_FOR.map(([words, peer, header, trustedProxies, client]) => ({
    name: `X-Forwarded-For: ${words}`,
    run: () => equal(node(peer, header === undefined ? {} : { 'x-forwarded-for': header }, trustedProxies === undefined ? {} : { trustedProxies }), client, 'the client'),
  })),
  {
    name: 'X-Forwarded-For: ports, brackets, mapped addresses, and what is no address',
    run() {
      for (const [entry, client] of ENTRIES) equal(node('10.0.0.1', { 'x-forwarded-for': `198.51.100.66, ${entry}` }, { trustedProxies: 1 }), client, entry.slice(0, 40))
    },
  },
  {
    name: 'Forwarded (RFC 7239): parameters, quotes, obfuscated identifiers, a quote that is left open',
    run() {
      for (const [forwarded, trustedProxies, client] of FORWARDED) equal(node('10.0.0.1', { forwarded }, { trustedProxies, forwardedBy: 'forwarded' }), client, forwarded)
    },
  },
  {
    name: 'whatever a client writes before them, the entries of trusted proxies say the same',
    run() {
      for (const lie of ['"', '\\', ',', ';', 'for=', 'for="', '[', '_x', '10.0.0.9', ', , ,', '"'.repeat(999), '10.0.0.9, '.repeat(700)]) {
        for (const [forwardedBy, truth] of [['x-forwarded-for', '203.0.113.9, 10.0.0.2'], ['forwarded', 'for=203.0.113.9, for=10.0.0.2']]) {
          for (const trustedProxies of [2, ['10.0.0.0/8']]) {
            equal(node('10.0.0.1', { [forwardedBy]: `${lie}, ${truth}` }, { trustedProxies, forwardedBy }), '203.0.113.9', `${forwardedBy} behind ${lie.slice(0, 20)}`)
          }
        }
      }
    },
  },
  {
    name: 'only the header that is named is read',
    run() {
      const both = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=198.51.100.66' }
      equal(node('10.0.0.1', both, { trustedProxies: 1 }), '203.0.113.9')
      equal(node('10.0.0.1', both, { trustedProxies: 1, forwardedBy: 'forwarded' }), '198.51.100.66')
      equal(node('10.0.0.1', { forwarded: 'for=198.51.100.66' }, { trustedProxies: 1 }), undefined, 'the other header alone')
    },
  },
  {
    name: 'wrong trusted proxies are an error and never a wider trust',
    async run() {
      for (const trustedProxies of [-1, 1.5, 33, NaN, true, '10.0.0.0/8', null, ['10.0.0.0/33'], ['10.0.0.1/8'], ['10.0.0.0/'], ['10.0.0.0/8/8'], ['proxy'], [''], [7], ['2001:db8::/129'], ['2001:db8::1/32'], ['fe80::1%eth0']]) {
        await throwsCode('ERR_CONFIG', () => node('10.0.0.1', {}, { trustedProxies }))
      }
      for (const forwardedBy of ['x-real-ip', 'toString', '']) await throwsCode('ERR_CONFIG', () => node('10.0.0.1', {}, { forwardedBy }))
      await throwsCode('ERR_CONFIG', () => readContext(request(), { platform: 'elsewhere' }))
    },
  },
  {
    name: 'a list of proxies that is changed is read anew',
    run() {
      const trustedProxies = ['10.0.0.1']
      const ask = () => node('10.0.0.2', { 'x-forwarded-for': '203.0.113.9' }, { trustedProxies })
      equal([ask(), trustedProxies.push('10.0.0.2'), ask()], ['10.0.0.2', 2, '203.0.113.9'])
    },
  },
  {
    name: 'Deno and Bun name the peer, behind proxies as everywhere',
    run() {
      const headers = { 'x-forwarded-for': '203.0.113.9' }
      const deno = (hostname, more) => readContext(request(headers), { platform: 'deno', info: { remoteAddr: { transport: 'tcp', hostname, port: 1 } }, ...more }).ip
      const bun = (address, more) => readContext(request(headers), { platform: 'bun', server: { requestIP: () => address && { address, port: 1, family: 'IPv6' } }, ...more }).ip
      for (const ask of [deno, bun]) equal([ask('::ffff:10.0.0.1'), ask('10.0.0.1', { trustedProxies: 1 }), ask('::1')], ['10.0.0.1', '203.0.113.9', '::1'])
      equal([bun(null), readContext(request(headers), { platform: 'deno', info: { remoteAddr: { transport: 'unix', path: '/x' } } }).ip], [undefined, undefined], 'no peer')
    },
  },
  {
    name: 'Cloudflare: request.cf and CF-Connecting-IP, Tor, Pseudo IPv4',
    run() {
      equal(fromCloudflare(CF), CF_READ)
      equal(fromCloudflare({ country: 'T1' }), { ip: '203.0.113.9', networkKind: 'tor' }, 'Tor')
      equal(fromCloudflare(undefined, {}), {}, 'nothing')
      const addresses = (ip, six) => fromCloudflare({}, { 'cf-connecting-ip': ip, 'cf-connecting-ipv6': six }).ip
      equal([addresses('243.1.2.3', '2001:db8::9'), addresses('239.1.2.3', '2001:db8::66')], ['2001:db8::9', '239.1.2.3'], 'Pseudo IPv4')
    },
  },
  {
    name: 'values that make no sense are left out, and the others stay',
    run() {
      for (const [member, values] of NONSENSE) {
        for (const value of values) {
          const { [member]: _, ...rest } = CF
          equal(fromCloudflare({ ...CF, [member]: value }), fromCloudflare(rest), `${member}: ${String(JSON.stringify(value)).slice(0, 40)}`)
        }
      }
      for (const cf of [null, 7, 'cf', []]) equal(fromCloudflare(cf), { ip: '203.0.113.9' }, 'cf')
      equal(fromCloudflare({ latitude: 0, longitude: 0 }), { ip: '203.0.113.9' }, 'the place of those who do not know')
      equal(fromCloudflare({ latitude: '-90', longitude: 180, asn: 'AS4294967295', country: 'de' }), { ip: '203.0.113.9', asn: 4294967295, country: 'DE', lat: -90, lon: 180 }, 'at the limits')
    },
  },
  {
    name: 'Vercel and Fastly: their headers, and what Compute says',
    run() {
      const { rttMs, ...vercel } = CF_READ
      equal(readContext(request(VERCEL), { platform: 'vercel' }), { ...vercel, lon: -13.405 }, 'Vercel')
      equal(readContext(request(FASTLY), { platform: 'fastly' }), FASTLY_READ, 'an origin behind Fastly')
      const { rttMs: _, ...compute } = { ...FASTLY_READ, ip: '203.0.113.9', networkKind: 'vpn' }
      equal(readContext(request(FORGED), { platform: 'fastly', client: COMPUTE }), compute, 'Compute')
      const kind = (geo) => readContext(request(), { platform: 'fastly', client: { geo } }).networkKind
      const table = [['tor-exit', 'tor'], ['tor-relay', 'tor'], ['apple', 'relay'], ['google', 'relay'], ['web-browser', 'relay'], ['vpn', 'vpn'], ['cloud', 'hosting'], ['cloud-security', undefined], ['dns', undefined], ['?', undefined]]
      for (const [proxy_description, expected] of table) equal(kind({ proxy_description }), expected, proxy_description)
      equal([kind({ conn_type: 'mobile' }), kind({ conn_type: 'wifi' }), kind(null)], ['mobile', undefined, undefined], 'connections')
      equal(readContext(request({ ...FASTLY, 'client-geo-latitude': '999.000' }), { platform: 'fastly' }).lat, undefined, 'where Fastly does not know')
    },
  },
  {
    name: 'headers of a platform that was not named are the words of a client',
    run() {
      equal(readContext(request(FORGED)), {}, 'no platform')
      equal(readContext(request(FORGED), { platform: 'node', socket: { remoteAddress: '203.0.113.9' } }), { ip: '203.0.113.9' }, 'Node')
      equal(readContext(request({ ...FORGED, 'cf-connecting-ip': '203.0.113.9' }), { platform: 'cloudflare' }), { ip: '203.0.113.9' }, 'Cloudflare')
      equal(readContext(request({ ...FORGED, 'x-real-ip': '203.0.113.9' }), { platform: 'vercel' }).ip, '203.0.113.9', 'Vercel')
    },
  },
  {
    name: 'what a browser says of itself: user agent, client hints, language',
    run() {
      for (const [headers, context] of BROWSERS) equal(readContext(request(headers)), context, JSON.stringify(headers).slice(0, 80))
    },
  },
  {
    name: 'IPv6 has one spelling (RFC 5952)',
    run() {
      const table = [['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'], ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], ['0:0:0:0:0:0:0:0', '::'], ['::1', '::1'], ['1::', '1::'], ['2001:db8:0:0:1:0:0:0', '2001:db8:0:0:1::'], ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'], ['ABCD:EF01::A', 'abcd:ef01::a']]
      for (const [given, spelled] of table) equal(node(given), spelled, given)
      ok(node('::ffff:0:203.0.113.9') === '::ffff:0:cb00:7109', 'an address that is not mapped stays IPv6')
    },
  },
]
