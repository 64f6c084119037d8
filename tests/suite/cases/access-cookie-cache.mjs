// A cached access cookie gives the result of the core, at every moment and for every spelling of
// the header.
import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import { createRng } from '../scripted-store.mjs'
import { createKeys, createSignedInBrowser, createTestSite } from '../support.mjs'

const ACCESS = '__Host-portcullis-access'
const get = (browser, cookie) =>
  browser.request({ method: 'GET', ...(cookie === undefined ? {} : { cookie }) })

/**
 * Headers that hold a valid access cookie: [words, header, whether the core finds it]. The cache
 * must never find a cookie that the core does not find; null stands for a rejected header.
 */
const SPELLINGS = [
  ['alone', (pair) => pair, true],
  ['between others', (pair) => `a=1; ${pair}; b=2`, true],
  ['with tabs', (pair) => `a=1;\t${pair}\t;b=2`, true],
  ['without a space', (pair) => `a=1;${pair};b=2`, true],
  ['with spaces around the sign', (pair) => pair.replace('=', ' = '), true],
  ['twice', (pair) => `${pair}; ${pair}`, null],
  ['twice, with another value', (pair) => `${pair}; ${ACCESS}=x`, null],
  ['twice, the other one spelled with a space', (pair) => `${ACCESS} =x; ${pair}`, null],
  ['after another word', (pair) => `a ${pair}`, false],
  ['after other letters', (pair) => `x${pair}`, false],
  ['in another case', (pair) => pair.replace(ACCESS, ACCESS.toLowerCase()), false],
  ['in the value of another', (pair) => `a=${pair}`, false],
  ['after a no-break space', (pair) => `\u00a0${pair}`, false],
  ['with a quote', (pair) => `${pair.replace('=', '="')}"`, false],
  ['with 180 pairs', (pair) => `${pair};${'a;'.repeat(178)}a`, true],
  ['with 181 pairs', (pair) => `${pair};${'a;'.repeat(179)}a`, null],
  ['in 16 KiB', (pair) => `${pair}; a=`.padEnd(16_384, 'x'), true],
  ['in more than 16 KiB', (pair) => `${pair}; a=`.padEnd(16_385, 'x'), null],
]

export const cases = [
  ...SPELLINGS.map(([words, spell, found]) => ({
    name: `a cached access cookie is read as the core reads it: ${words}`,
    async run(world) {
      // Some runtimes reject characters in a header that others accept.
      const all = { keys: createKeys(), store: world.openStore() }
      const { sessions, browser, clock } = await createSignedInBrowser(world, all)
      const plain =
        createTestSite(world, { ...all, tokenCacheSize: false, clock: clock.now }).sessions
      equal(sessions.authenticate(get(browser)).ok, true, 'accepted and cached')
      const header = spell(`${ACCESS}=${browser.accessToken}`)
      let request
      try {
        request = get(browser, header)
      } catch {
        return
      }
      const answer = sessions.authenticate(request)
      equal([answer.ok, answer.code], [
        found === true,
        found === true ? undefined : found === null ? 'ERR_COOKIE_HEADER' : answer.code,
      ], header.slice(0, 40))
      equal(
        JSON.stringify({ ...answer, headers: null }),
        JSON.stringify({ ...plain.authenticate(request), headers: null }),
        'the result without a cache',
      )
    },
  })),
  {
    name: 'cached and uncached results are the same, for any header and at any time',
    async run(world) {
      const all = { keys: createKeys(), store: world.openStore() }
      const { sessions, browser, clock } = await createSignedInBrowser(world, {
        ...all,
        policy: { accessTtlSeconds: 60 },
      })
      const plain = createTestSite(world, {
        ...all,
        policy: { accessTtlSeconds: 60 },
        tokenCacheSize: false,
        clock: clock.now,
      })
        .sessions
      const roll = createRng(11)
      const pieces = [
        `${ACCESS}=${browser.accessToken}`,
        `${ACCESS}=x`,
        `${ACCESS}`,
        `${ACCESS} =x`,
        'a=1',
        ';',
        '; ',
        ' ',
        '\t',
        '=',
        ',',
        '"',
        ';;',
        `x${ACCESS}=y`,
      ]
      const start = clock.ms
      for (let n = 0; n < 1500; n += 1) {
        const header = Array.from(
          { length: 1 + roll(5) },
          () => pieces[roll(2) === 0 ? 0 : roll(pieces.length)],
        ).join(['; ', ';', ''][roll(3)])
        clock.ms = start + (roll(160) - 40) * 1000
        const request = browser.request({
          method: ['GET', 'HEAD', 'POST'][roll(3)],
          cookie: header,
        })
        const [one, other] = [sessions, plain].map((each) =>
          JSON.stringify({ ...each.authenticate(request), headers: null })
        )
        equal(one, other, header)
      }
      clock.ms = start
    },
  },
  {
    name: 'a cached access cookie ends with its token, with its key, and with dispose',
    async run(world) {
      const { sessions, browser, clock } = await createSignedInBrowser(world)
      const { claims } = sessions.authenticate(get(browser))
      // The leeway is 30 seconds.
      clock.ms = (claims.exp + 30) * 1000 - 1
      equal(sessions.authenticate(get(browser)).ok, true, 'a millisecond before')
      clock.ms += 1
      rejected(sessions.authenticate(get(browser)), 'ERR_TOKEN_EXPIRED', 401)
      clock.ms = (claims.iat - 30) * 1000
      equal(sessions.authenticate(get(browser)).ok, true, 'at the edge of the leeway')
      clock.ms -= 1000
      rejected(sessions.authenticate(get(browser)), 'ERR_TOKEN_CLAIM_INVALID', 401)

      const [ring] = createKeys().ring
      const other = await createSignedInBrowser(world, {
        keys: {
          ...createKeys(),
          ring: [{ ...ring, retiredAtMs: Date.now() + 100_000 }, {
            ...createKeys().ring[0],
            id: 'k2',
          }],
        },
      })
      equal(other.sessions.authenticate(get(other.browser)).ok, true, 'before its key retires')
      other.clock.advance(101)
      rejected(other.sessions.authenticate(get(other.browser)), 'ERR_TOKEN_UNKNOWN_KEY', 401)
      other.sessions.dispose()
      await throwsCode('ERR_DISPOSED', () => other.sessions.authenticate(get(other.browser)))
    },
  },
  {
    name:
      'a cached access cookie does not bypass the checks of the request origin and of the clock',
    async run(world) {
      let bad
      const { sessions, browser } = await createSignedInBrowser(world, {
        clock: () => bad ?? Date.now(),
      })
      equal(sessions.authenticate(get(browser)).ok, true, 'cached')
      rejected(
        sessions.authenticate(browser.request({ headers: { 'sec-fetch-site': 'cross-site' } })),
        'ERR_CROSS_ORIGIN',
        403,
      )
      for (bad of [Number.NaN, -1, '5', Infinity]) {
        await throwsCode('ERR_CLOCK', () => sessions.authenticate(get(browser)))
      }
      bad = undefined
      const careful = await createSignedInBrowser(world, { policy: { csrf: 'origin-and-token' } })
      equal(careful.sessions.authenticate(get(careful.browser)).ok, true, 'cached')
      rejected(careful.sessions.authenticate(careful.browser.request()), 'ERR_CSRF_TOKEN', 403)
    },
  },
  {
    name: 'cached results are frozen, uncached results are new objects, and the cache is bounded',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world, {}, {
        subject: 'user-1',
        amr: ['pwd'],
        claims: { roles: ['a'] },
      })
      const first = sessions.authenticate(get(browser))
      ok(
        Object.isFrozen(first) && Object.isFrozen(first.session.amr)
          && Object.isFrozen(first.claims.roles),
        'frozen',
      )
      ok(sessions.authenticate(get(browser)) === first, 'the same result object')
      equal(Object.getPrototypeOf(first.claims), null, 'prototype of the claims')
      const plain = await createSignedInBrowser(world, { tokenCacheSize: false })
      const answer = () => plain.sessions.authenticate(get(plain.browser))
      const [former, latter] = [answer(), answer()]
      ok(former !== latter, 'two result objects')
      const small = await createSignedInBrowser(world, { tokenCacheSize: 1 })
      const one = small.sessions.authenticate(get(small.browser))
      const cookie = small.browser.cookie
      small.browser.keep(
        await small.sessions.signIn(small.browser.request({ cookie: '' }), { subject: 'user-2' }),
      )
      equal(
        small.sessions.authenticate(get(small.browser)).session.subject,
        'user-2',
        'the next session',
      )
      ok(
        small.sessions.authenticate(get(small.browser, cookie)) !== one,
        'the first result was evicted',
      )
      for (const tokenCacheSize of [-1, 1.5, '1', 100_001, true, null]) {
        await throwsCode('ERR_CONFIG', () => createTestSite(world, { tokenCacheSize }))
      }
    },
  },
  {
    name: 'Cookie headers with the same ending, and tokens with the same ending, are distinguished',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const headers = [browser.cookie]
      for (let n = 2; n <= 40; n += 1) {
        browser.keep(
          await sessions.signIn(browser.request({ cookie: '' }), { subject: `user-${n}` }),
        )
        headers.push(browser.cookie)
      }
      // Each header is verified first and found in the cache later. In between, another header with
      // the same ending replaces it.
      for (let round = 0; round < 3; round += 1) {
        headers.forEach((header, n) =>
          equal(
            sessions.authenticate(get(browser, `${header}; theme=dark`)).session.subject,
            `user-${n + 1}`,
            'the subject of the session',
          )
        )
      }
      const end = browser.accessToken.slice(-30)
      for (
        const token of [
          end,
          `x${browser.accessToken}`,
          browser.accessToken.replace(/^./, 'f'),
          `${browser.accessToken.slice(0, 60)}x${browser.accessToken.slice(61)}`,
        ]
      ) {
        equal(
          sessions.authenticate(get(browser, `${ACCESS}=${token}; theme=dark`)).ok,
          false,
          token.slice(0, 20),
        )
      }
      equal(
        sessions.authenticate(get(browser, `${ACCESS}=${browser.accessToken}; theme=dark`)).ok,
        true,
        'the valid token, after the invalid ones',
      )
    },
  },
]
