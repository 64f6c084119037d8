// The address of the client behind proxies. Most cases have forged headers.
import { readContext } from 'portcullis/context'
import { equal, ok, throwsCode } from '../assert.mjs'

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
const node = (remoteAddress, headers, options = {}) =>
  readContext(request(headers), { platform: 'node', socket: { remoteAddress }, ...options }).ip

/**
 * [words, peer, X-Forwarded-For, trustedProxies, the client]. 10.0.0.0/8 has our proxies,
 * 203.0.113.9 is the client, and 198.51.100.66 is forged.
 */
const FORWARDED_FOR = [
  ['no trusted proxy, no header', '203.0.113.9', undefined, undefined, '203.0.113.9'],
  ['no trusted proxy, a forged header', '203.0.113.9', '198.51.100.66', undefined, '203.0.113.9'],
  ['no trusted proxy, as 0', '203.0.113.9', '198.51.100.66', 0, '203.0.113.9'],
  ['no trusted proxy, as an empty list', '203.0.113.9', '198.51.100.66', [], '203.0.113.9'],
  ['1 hop', '10.0.0.1', '203.0.113.9', 1, '203.0.113.9'],
  ['1 hop, forged before it', '10.0.0.1', '198.51.100.66, 203.0.113.9', 1, '203.0.113.9'],
  ['2 hops', '10.0.0.1', '203.0.113.9, 10.0.0.2', 2, '203.0.113.9'],
  [
    '2 hops, forged before them',
    '10.0.0.1',
    '198.51.100.66, 203.0.113.9, 10.0.0.2',
    2,
    '203.0.113.9',
  ],
  ['3 hops', '10.0.0.1', '203.0.113.9, 10.0.0.3, 10.0.0.2', 3, '203.0.113.9'],
  ['fewer hops than configured', '10.0.0.1', '203.0.113.9', 2, undefined],
  ['1 hop and no header', '10.0.0.1', undefined, 1, undefined],
  ['1 hop and an empty header', '10.0.0.1', '', 1, undefined],
  ['1 hop that wrote garbage', '10.0.0.1', '198.51.100.66, <script>', 1, undefined],
  ['1 hop that wrote nothing', '10.0.0.1', '198.51.100.66,', 1, undefined],
  ['1 hop over a pipe without an address', undefined, '203.0.113.9', 1, '203.0.113.9'],
  ['a trusted peer', '10.0.0.1', '203.0.113.9', ['10.0.0.0/8'], '203.0.113.9'],
  [
    'a trusted peer, forged before it',
    '10.0.0.1',
    '198.51.100.66, 203.0.113.9',
    ['10.0.0.0/8'],
    '203.0.113.9',
  ],
  [
    'a trusted peer, forged as one of our proxies',
    '10.0.0.1',
    '10.9.9.9, 203.0.113.9',
    ['10.0.0.0/8'],
    '203.0.113.9',
  ],
  ['3 trusted proxies', '10.0.0.1', '198.51.100.66, 203.0.113.9, 10.0.0.3, 10.0.0.2', [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
  ], '203.0.113.9'],
  ['a proxy that is not in the list is the client', '10.0.0.1', '203.0.113.9, 10.0.0.3, 10.0.0.2', [
    '10.0.0.1',
    '10.0.0.2',
  ], '10.0.0.3'],
  ['a peer that is not trusted', '203.0.113.9', '198.51.100.66', ['10.0.0.0/8'], '203.0.113.9'],
  ['the first peer outside the network', '10.1.0.0', '198.51.100.66', ['10.0.0.0/16'], '10.1.0.0'],
  [
    'the last peer inside the network',
    '10.0.255.255',
    '203.0.113.9',
    ['10.0.0.0/16'],
    '203.0.113.9',
  ],
  [
    'an IPv4 peer on an IPv6 socket',
    '::ffff:10.0.0.1',
    '203.0.113.9',
    ['10.0.0.0/8'],
    '203.0.113.9',
  ],
  ['an IPv6 peer', '2001:db8:1::7', '203.0.113.9', ['2001:db8:1::/48'], '203.0.113.9'],
  [
    'the first IPv6 peer outside the network',
    '2001:db8:2::',
    '198.51.100.66',
    ['2001:db8:1::/48'],
    '2001:db8:2::',
  ],
  [
    'garbage before the trusted proxies',
    '10.0.0.1',
    '203.0.113.9, nonsense, 10.0.0.2',
    ['10.0.0.0/8'],
    undefined,
  ],
  ['only our proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', ['10.0.0.0/8'], undefined],
  ['too many of our proxies', '10.0.0.1', `203.0.113.9${', 10.0.0.2'.repeat(40)}`, [
    '10.0.0.0/8',
  ], undefined],
  ['an invalid peer', 'nobody', '198.51.100.66', ['10.0.0.0/8'], undefined],
]

/** The forms of one entry: [entry, the client]. */
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

export const cases = [
  ...FORWARDED_FOR.map(([words, peer, header, trustedProxies, client]) => ({
    name: `X-Forwarded-For: ${words}`,
    run: () =>
      equal(
        node(
          peer,
          header === undefined ? {} : { 'x-forwarded-for': header },
          trustedProxies === undefined ? {} : { trustedProxies },
        ),
        client,
        'the client',
      ),
  })),
  {
    name: 'X-Forwarded-For: ports, brackets, mapped addresses, and invalid addresses',
    run() {
      for (const [entry, client] of ENTRIES) {
        equal(
          node('10.0.0.1', { 'x-forwarded-for': `198.51.100.66, ${entry}` }, { trustedProxies: 1 }),
          client,
          entry.slice(0, 40),
        )
      }
    },
  },
  {
    name: 'Forwarded (RFC 7239): parameters, quotes, obfuscated identifiers, an unclosed quote',
    run() {
      for (const [forwarded, trustedProxies, client] of FORWARDED) {
        equal(
          node('10.0.0.1', { forwarded }, { trustedProxies, forwardedBy: 'forwarded' }),
          client,
          forwarded,
        )
      }
    },
  },
  {
    name: 'forged entries do not change the result of the entries of trusted proxies',
    run() {
      for (
        const lie of [
          '"',
          '\\',
          ',',
          ';',
          'for=',
          'for="',
          '[',
          '_x',
          '10.0.0.9',
          ', , ,',
          '"'.repeat(999),
          '10.0.0.9, '.repeat(700),
        ]
      ) {
        for (
          const [forwardedBy, truth] of [['x-forwarded-for', '203.0.113.9, 10.0.0.2'], [
            'forwarded',
            'for=203.0.113.9, for=10.0.0.2',
          ]]
        ) {
          for (const trustedProxies of [2, ['10.0.0.0/8']]) {
            equal(
              node('10.0.0.1', { [forwardedBy]: `${lie}, ${truth}` }, {
                trustedProxies,
                forwardedBy,
              }),
              '203.0.113.9',
              `${forwardedBy} after ${lie.slice(0, 20)}`,
            )
          }
        }
      }
    },
  },
  {
    name: 'only the header in forwardedBy is read',
    run() {
      const both = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=198.51.100.66' }
      equal(node('10.0.0.1', both, { trustedProxies: 1 }), '203.0.113.9')
      equal(
        node('10.0.0.1', both, { trustedProxies: 1, forwardedBy: 'forwarded' }),
        '198.51.100.66',
      )
      equal(
        node('10.0.0.1', { forwarded: 'for=198.51.100.66' }, { trustedProxies: 1 }),
        undefined,
        'the other header alone',
      )
    },
  },
  {
    name: 'invalid trusted proxies are an error, and never extend the trust',
    async run() {
      for (
        const trustedProxies of [
          -1,
          1.5,
          33,
          NaN,
          true,
          '10.0.0.0/8',
          null,
          ['10.0.0.0/33'],
          ['10.0.0.1/8'],
          ['10.0.0.0/'],
          ['10.0.0.0/8/8'],
          ['proxy'],
          [''],
          [7],
          ['2001:db8::/129'],
          ['2001:db8::1/32'],
          ['fe80::1%eth0'],
        ]
      ) {
        await throwsCode('ERR_CONFIG', () => node('10.0.0.1', {}, { trustedProxies }))
      }
      for (const forwardedBy of ['x-real-ip', 'toString', '']) {
        await throwsCode('ERR_CONFIG', () => node('10.0.0.1', {}, { forwardedBy }))
      }
      await throwsCode('ERR_CONFIG', () => readContext(request(), { platform: 'elsewhere' }))
    },
  },
  {
    name: 'a changed list of proxies is read again',
    run() {
      const trustedProxies = ['10.0.0.1']
      const ask = () => node('10.0.0.2', { 'x-forwarded-for': '203.0.113.9' }, { trustedProxies })
      equal([ask(), trustedProxies.push('10.0.0.2'), ask()], ['10.0.0.2', 2, '203.0.113.9'])
    },
  },
  {
    name: 'the peer address of Deno and Bun is used, also behind proxies',
    run() {
      const headers = { 'x-forwarded-for': '203.0.113.9' }
      const deno = (hostname, more) =>
        readContext(request(headers), {
          platform: 'deno',
          info: { remoteAddr: { transport: 'tcp', hostname, port: 1 } },
          ...more,
        }).ip
      const bun = (address, more) =>
        readContext(request(headers), {
          platform: 'bun',
          server: { requestIP: () => address && { address, port: 1, family: 'IPv6' } },
          ...more,
        }).ip
      for (const ask of [deno, bun]) {
        equal([ask('::ffff:10.0.0.1'), ask('10.0.0.1', { trustedProxies: 1 }), ask('::1')], [
          '10.0.0.1',
          '203.0.113.9',
          '::1',
        ])
      }
      equal(
        [
          bun(null),
          readContext(request(headers), {
            platform: 'deno',
            info: { remoteAddr: { transport: 'unix', path: '/x' } },
          }).ip,
        ],
        [undefined, undefined],
        'no peer',
      )
    },
  },
  {
    name: 'IPv6 has one spelling (RFC 5952)',
    run() {
      const table = [
        ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
        ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
        ['0:0:0:0:0:0:0:0', '::'],
        ['::1', '::1'],
        ['1::', '1::'],
        ['2001:db8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
        ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
        ['ABCD:EF01::A', 'abcd:ef01::a'],
      ]
      for (const [given, spelled] of table) equal(node(given), spelled, given)
      ok(
        node('::ffff:0:203.0.113.9') === '::ffff:0:cb00:7109',
        'an IPv6 address that is not an IPv4-mapped one',
      )
    },
  },
]
