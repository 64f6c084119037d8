// Access cookies that are remembered: the answer is the core's own, at every moment and for every
// spelling of the header.
import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import { createRng } from '../scripted-store.mjs'
import { createKeys, createSignedInBrowser, createTestSite } from '../support.mjs'

const ACCESS = '__Host-portcullis-access'
const get = (browser, cookie) =>
  browser.request({ method: 'GET', ...(cookie === undefined ? {} : { cookie }) })

/**
 * Headers that hold a good access cookie, and whether the core finds it: the glance must never see
 * more than the core does.
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
  ['behind another word', (pair) => `a ${pair}`, false],
  ['behind other letters', (pair) => `x${pair}`, false],
  ['in another case', (pair) => pair.replace(ACCESS, ACCESS.toLowerCase()), false],
  ['in the value of another', (pair) => `a=${pair}`, false],
  ['behind a space that is none', (pair) => `\u00a0${pair}`, false],
  ['with a quote', (pair) => `${pair.replace('=', '="')}"`, false],
  ['with 180 pairs', (pair) => `${pair};${'a;'.repeat(178)}a`, true],
  ['with 181 pairs', (pair) => `${pair};${'a;'.repeat(179)}a`, null],
  ['in 16 KiB', (pair) => `${pair}; a=`.padEnd(16_384, 'x'), true],
  ['in more than that', (pair) => `${pair}; a=`.padEnd(16_385, 'x'), null],
]

export const cases = [
  ...SPELLINGS.map(([words, spell, found]) => ({
    name: `an access cookie that is remembered is read as the core reads it: ${words}`,
    async run(world) {
      // Some runtimes refuse characters in a header that others hand on.
      const all = { keys: createKeys(), store: world.openStore() }
      const { sessions, browser, clock } = await createSignedInBrowser(world, all)
      const plain =
        createTestSite(world, { ...all, tokenCacheSize: false, clock: clock.now }).sessions
      equal(sessions.authenticate(get(browser)).ok, true, 'believed, and remembered')
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
        'the answer without a memory',
      )
    },
  })),
  {
    name: 'what is remembered and what is not are the same answer, for any header and at any time',
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
    name: 'a remembered access cookie ends when its token does, and with its key, and with dispose',
    async run(world) {
      const { sessions, browser, clock } = await createSignedInBrowser(world)
      const { claims } = sessions.authenticate(get(browser))
      // 30 seconds of leeway.
      clock.ms = (claims.exp + 30) * 1000 - 1
      equal(sessions.authenticate(get(browser)).ok, true, 'a millisecond before')
      clock.ms += 1
      rejected(sessions.authenticate(get(browser)), 'ERR_TOKEN_EXPIRED', 401)
      clock.ms = (claims.iat - 30) * 1000
      equal(sessions.authenticate(get(browser)).ok, true, 'as early as clocks may differ')
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
      equal(other.sessions.authenticate(get(other.browser)).ok, true, 'while its key is good')
      other.clock.advance(101)
      rejected(other.sessions.authenticate(get(other.browser)), 'ERR_TOKEN_UNKNOWN_KEY', 401)
      other.sessions.dispose()
      await throwsCode('ERR_DISPOSED', () => other.sessions.authenticate(get(other.browser)))
    },
  },
  {
    name:
      'a remembered access cookie is no way around where a request comes from, nor around a clock that is none',
    async run(world) {
      let bad
      const { sessions, browser } = await createSignedInBrowser(world, {
        clock: () => bad ?? Date.now(),
      })
      equal(sessions.authenticate(get(browser)).ok, true, 'remembered')
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
      equal(careful.sessions.authenticate(get(careful.browser)).ok, true, 'remembered')
      rejected(careful.sessions.authenticate(careful.browser.request()), 'ERR_CSRF_TOKEN', 403)
    },
  },
  {
    name:
      'a remembered answer is frozen, without a memory every answer is a new one, and a memory is bounded',
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
      ok(sessions.authenticate(get(browser)) === first, 'the same answer')
      equal(Object.getPrototypeOf(first.claims), null, 'prototype of the claims')
      const plain = await createSignedInBrowser(world, { tokenCacheSize: false })
      const answer = () => plain.sessions.authenticate(get(plain.browser))
      const [former, latter] = [answer(), answer()]
      ok(former !== latter, 'two answers')
      const small = await createSignedInBrowser(world, { tokenCacheSize: 1 })
      const one = small.sessions.authenticate(get(small.browser))
      const cookie = small.browser.cookie
      small.browser.keep(
        await small.sessions.signIn(small.browser.request({ cookie: '' }), { subject: 'user-2' }),
      )
      equal(
        small.sessions.authenticate(get(small.browser)).session.subject,
        'user-2',
        'the next one',
      )
      ok(small.sessions.authenticate(get(small.browser, cookie)) !== one, 'the first was forgotten')
      for (const cache of [-1, 1.5, '1', 100_001, true, null]) {
        await throwsCode('ERR_CONFIG', () => createTestSite(world, { cache }))
      }
    },
  },
  {
    name: 'Cookie headers that end alike, and tokens that do, are told apart',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      const headers = [browser.cookie]
      for (let n = 2; n <= 40; n += 1) {
        browser.keep(
          await sessions.signIn(browser.request({ cookie: '' }), { subject: `user-${n}` }),
        )
        headers.push(browser.cookie)
      }
      // Twice each: believed, then remembered, by a header that another one of the same end has
      // replaced.
      for (let round = 0; round < 3; round += 1) {
        headers.forEach((header, n) =>
          equal(
            sessions.authenticate(get(browser, `${header}; theme=dark`)).session.subject,
            `user-${n + 1}`,
            'whose session it is',
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
        'the token itself, after those',
      )
    },
  },
]
