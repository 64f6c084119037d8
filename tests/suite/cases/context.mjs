// The contexts that the readers make of requests on each platform.
import { readContext } from 'portcullis/context'
import { equal } from '../assert.mjs'

const JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1'

/**
 * A plain object stands for the request, because browsers remove some headers from every Request
 * that a script makes.
 */
const request = (headers = {}, more = {}) => ({
  method: 'GET',
  url: 'https://app.example/',
  headers: new Headers(headers),
  ...more,
})

const CF = {
  asn: 64496,
  country: 'DE',
  latitude: '52.52000',
  longitude: '13.40500',
  clientTcpRtt: 22,
  botManagement: { ja4: JA4, ja3Hash: 'not read' },
}
const CF_READ = {
  ip: '203.0.113.9',
  asn: 64496,
  country: 'DE',
  lat: 52.52,
  lon: 13.405,
  tlsFingerprint: JA4,
  tlsFingerprintKind: 'ja4',
  rttMs: 22,
}
const fromCloudflare = (cf, headers = { 'cf-connecting-ip': '203.0.113.9' }) =>
  readContext(request(headers, { cf }), { platform: 'cloudflare' })

const VERCEL = {
  'x-real-ip': '203.0.113.9',
  'x-vercel-ip-as-number': '64496',
  'x-vercel-ip-country': 'DE',
  'x-vercel-ip-latitude': '52.52',
  'x-vercel-ip-longitude': '-13.405',
  'x-vercel-ja4-digest': JA4,
}
const FASTLY = {
  'fastly-client-ip': '2001:db8::9',
  'client-as-number': '64496',
  'client-geo-country-code': 'DE',
  'client-geo-latitude': '52.52',
  'client-geo-longitude': '13.405',
  'client-geo-proxy-type': 'hosting',
  'client-geo-proxy-description': '?',
  'client-geo-conn-type': 'wired',
  'tls-client-ja4': JA4,
  'client-socket-tcpi-rtt': '22500',
}
const COMPUTE = {
  address: '203.0.113.9',
  geo: {
    as_number: 64496,
    country_code: 'DE',
    latitude: 52.52,
    longitude: 13.405,
    proxy_type: 'anonymous',
    proxy_description: 'vpn',
    conn_type: 'mobile',
  },
  tlsJA4: JA4,
}
const FASTLY_READ = {
  ip: '2001:db8::9',
  asn: 64496,
  country: 'DE',
  lat: 52.52,
  lon: 13.405,
  networkKind: 'hosting',
  tlsFingerprint: JA4,
  tlsFingerprintKind: 'ja4',
  rttMs: 22.5,
}

/** The headers of all platforms, forged by a client. */
const FORGED = {
  ...VERCEL,
  ...FASTLY,
  'cf-connecting-ip': '198.51.100.66',
  'x-forwarded-for': '198.51.100.66',
  forwarded: 'for=198.51.100.66',
  'true-client-ip': '198.51.100.66',
  'cf-ipcountry': 'DE',
}

/** Invalid members of `request.cf`: [member, values]. */
const NONSENSE = [
  ['asn', [
    0,
    -1,
    1.5,
    NaN,
    Infinity,
    4294967296,
    '',
    'AS',
    '1e3',
    '99999999999',
    {},
    [],
    null,
    true,
  ]],
  ['country', ['', 'D', 'DEU', 'XX', 'zz', '1A', 'Ä1', 7, null, {}]],
  ['latitude', [
    '',
    ' ',
    'north',
    '91',
    '-90.1',
    '1e1',
    '0x10',
    NaN,
    Infinity,
    999,
    null,
    true,
    {},
  ]],
  ['longitude', ['', '181', '-180.5', NaN, -Infinity, undefined, []]],
  ['clientTcpRtt', [0, -1, NaN, Infinity, 60001, '', 'fast', '-1', null, {}]],
  ['botManagement', [null, 'x', {}, { ja4: '' }, { ja4: 7 }, { ja4: `${JA4}x` }, {
    ja4: JA4.toUpperCase(),
  }, { ja4: 'x'.repeat(100000) }]],
]

/** [headers, the context of no platform] */
const BROWSERS = [
  [{}, {}],
  [{ 'user-agent': 'A/1' }, { userAgent: 'A/1' }],
  [{ 'user-agent': 'x'.repeat(600) }, { userAgent: 'x'.repeat(512) }],
  [{
    'sec-ch-ua': '"Chromium";v="140", "Not A;Brand";v="8"',
    'sec-ch-ua-mobile': '?0',
    'sec-ch-ua-platform': '"Linux"',
  }, {
    clientHints: {
      brands: '"Chromium";v="140", "Not A;Brand";v="8"',
      mobile: false,
      platform: 'Linux',
    },
  }],
  [{ 'sec-ch-ua': '"A"', 'sec-ch-ua-mobile': '?1' }, {
    clientHints: { brands: '"A"', mobile: true },
  }],
  [{ 'sec-ch-ua': '"A"', 'sec-ch-ua-mobile': 'yes', 'sec-ch-ua-platform': 'Linux' }, {
    clientHints: { brands: '"A"' },
  }],
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
  {
    name: 'Cloudflare: request.cf and CF-Connecting-IP, Tor, Pseudo IPv4',
    run() {
      equal(fromCloudflare(CF), CF_READ)
      equal(fromCloudflare({ country: 'T1' }), { ip: '203.0.113.9', networkKind: 'tor' }, 'Tor')
      equal(fromCloudflare(undefined, {}), {}, 'nothing')
      const addresses = (ip, six) =>
        fromCloudflare({}, { 'cf-connecting-ip': ip, 'cf-connecting-ipv6': six }).ip
      equal([addresses('243.1.2.3', '2001:db8::9'), addresses('239.1.2.3', '2001:db8::66')], [
        '2001:db8::9',
        '239.1.2.3',
      ], 'Pseudo IPv4')
    },
  },
  {
    name: 'invalid values are left out, and valid values stay',
    run() {
      for (const [member, values] of NONSENSE) {
        for (const value of values) {
          const { [member]: _, ...rest } = CF
          equal(
            fromCloudflare({ ...CF, [member]: value }),
            fromCloudflare(rest),
            `${member}: ${String(JSON.stringify(value)).slice(0, 40)}`,
          )
        }
      }
      for (const cf of [null, 7, 'cf', []]) equal(fromCloudflare(cf), { ip: '203.0.113.9' }, 'cf')
      equal(
        fromCloudflare({ latitude: 0, longitude: 0 }),
        { ip: '203.0.113.9' },
        'the coordinates of an unknown location',
      )
      equal(
        fromCloudflare({ latitude: '-90', longitude: 180, asn: 'AS4294967295', country: 'de' }),
        { ip: '203.0.113.9', asn: 4294967295, country: 'DE', lat: -90, lon: 180 },
        'at the limits',
      )
    },
  },
  {
    name: 'Vercel and Fastly: their headers, and the client data of Compute',
    run() {
      const { rttMs, ...vercel } = CF_READ
      equal(
        readContext(request(VERCEL), { platform: 'vercel' }),
        { ...vercel, lon: -13.405 },
        'Vercel',
      )
      equal(
        readContext(request(FASTLY), { platform: 'fastly' }),
        FASTLY_READ,
        'an origin behind Fastly',
      )
      const { rttMs: _, ...compute } = { ...FASTLY_READ, ip: '203.0.113.9', networkKind: 'vpn' }
      equal(
        readContext(request(FORGED), { platform: 'fastly', client: COMPUTE }),
        compute,
        'Compute',
      )
      const kind = (geo) =>
        readContext(request(), { platform: 'fastly', client: { geo } }).networkKind
      const table = [
        ['tor-exit', 'tor'],
        ['tor-relay', 'tor'],
        ['apple', 'relay'],
        ['google', 'relay'],
        ['web-browser', 'relay'],
        ['vpn', 'vpn'],
        ['cloud', 'hosting'],
        ['cloud-security', undefined],
        ['dns', undefined],
        ['?', undefined],
      ]
      for (const [proxy_description, expected] of table) {
        equal(kind({ proxy_description }), expected, proxy_description)
      }
      equal([kind({ conn_type: 'mobile' }), kind({ conn_type: 'wifi' }), kind(null)], [
        'mobile',
        undefined,
        undefined,
      ], 'connection types')
      equal(
        readContext(request({ ...FASTLY, 'client-geo-latitude': '999.000' }), {
          platform: 'fastly',
        }).lat,
        undefined,
        'an unknown location',
      )
    },
  },
  {
    name: 'headers of a platform that is not configured are ignored',
    run() {
      equal(readContext(request(FORGED)), {}, 'no platform')
      equal(
        readContext(request(FORGED), {
          platform: 'node',
          socket: { remoteAddress: '203.0.113.9' },
        }),
        { ip: '203.0.113.9' },
        'Node',
      )
      equal(
        readContext(request({ ...FORGED, 'cf-connecting-ip': '203.0.113.9' }), {
          platform: 'cloudflare',
        }),
        { ip: '203.0.113.9' },
        'Cloudflare',
      )
      equal(
        readContext(request({ ...FORGED, 'x-real-ip': '203.0.113.9' }), { platform: 'vercel' }).ip,
        '203.0.113.9',
        'Vercel',
      )
    },
  },
  {
    name: 'the headers of a browser: user agent, client hints, language',
    run() {
      for (const [headers, context] of BROWSERS) {
        equal(readContext(request(headers)), context, JSON.stringify(headers).slice(0, 80))
      }
    },
  },
]
