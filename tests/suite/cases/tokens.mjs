import { decideRotation, generateSecret, generateToken, verifyToken } from 'portcullis'
import { equal, ok, throwsCode } from '../assert.mjs'
import { createSignedInBrowser } from '../support.mjs'

const key = { id: 'k1', secret: generateSecret() }
const names = { issuer: 'https://issuer.example', audience: 'https://api.example' }
const nowMs = 1_750_000_000_000
const issue = (claims = { sub: 'user-1' }, options = {}) =>
  generateToken(claims, { key, ...names, ttlSeconds: 60, nowMs, ...options })
const verify = (token, options = {}) =>
  verifyToken(token, { keys: [key], ...names, nowMs, ...options })

const b64url = (text) => btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const withHeader = (token, header) =>
  [b64url(JSON.stringify(header)), ...token.split('.').slice(1)].join('.')

const FOREIGN = [
  ['EdDSA', { name: 'Ed25519' }, { name: 'Ed25519' }],
  ['ES256', { name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }],
  ['HS256', { name: 'HMAC', hash: 'SHA-256', length: 256 }, { name: 'HMAC' }],
]

/** Another issuer, which signs with the cryptography of the runtime. */
async function foreignIssuer(alg, generation, signing) {
  const { subtle } = crypto
  const made = await subtle.generateKey(generation, true, ['sign', 'verify'])
  const jwk = await subtle.exportKey('jwk', made.publicKey ?? made)
  const sign = async (claims, header = {}) => {
    const message = [{ alg, typ: 'JWT', ...header }, claims].map((part) =>
      b64url(JSON.stringify(part))
    ).join('.')
    const signature = new Uint8Array(
      await subtle.sign(signing, made.privateKey ?? made, new TextEncoder().encode(message)),
    )
    return `${message}.${b64url(String.fromCharCode(...signature))}`
  }
  return { sign, jwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, k: jwk.k } }
}

export const cases = [
  ...FOREIGN.map(([alg, generation, signing]) => ({
    name: `tokens of another issuer are verified with its published key: ${alg}`,
    async run() {
      const { sign, jwk } = await foreignIssuer(alg, generation, signing)
      const other = await foreignIssuer(alg, generation, signing)
      const claims = {
        iss: names.issuer,
        aud: [names.audience, 'x'],
        sub: 'user-1',
        exp: nowMs / 1000 + 60.5,
      }
      const token = await sign(claims)
      const published = (options = {}) => ({ keys: [{ jwk: { ...jwk, ...options } }] })
      equal(
        verify(token, published()).claims?.sub,
        'user-1',
        'without a kid, and one matching key',
      )
      equal(
        verify(await sign(claims, { kid: 'a' }), published({ kid: 'a' })).ok,
        true,
        'with its kid',
      )
      equal(
        verify(await sign(claims, { kid: 'b' }), published({ kid: 'a' })).code,
        'ERR_TOKEN_UNKNOWN_KEY',
        'with another kid',
      )
      equal(
        verify(token, { keys: [{ jwk }, { jwk: other.jwk }] }).code,
        'ERR_TOKEN_UNKNOWN_KEY',
        'two matching keys',
      )
      equal(
        verify(token, { keys: [{ jwk: other.jwk }] }).code,
        'ERR_TOKEN_SIGNATURE',
        'the key of another issuer',
      )
      equal(
        verify(token, { ...published(), typ: ['at+jwt', null] }).code,
        'ERR_TOKEN_TYPE',
        'another typ',
      )
      equal(
        verify(await sign(claims, { typ: undefined }), { ...published(), typ: ['JWT', null] }).ok,
        true,
        'no typ, if that is accepted',
      )
      equal(
        verify(token, { ...published(), maxLifetimeSeconds: 30, leewaySeconds: 0 }).code,
        'ERR_TOKEN_CLAIM_INVALID',
        'too long a lifetime',
      )
      equal(
        verify(await sign(claims, { alg: 'none' }), published()).code,
        'ERR_TOKEN_ALGORITHM',
        'alg none',
      )
      await throwsCode('ERR_CONFIG', () => verify(token, published({ d: 'AA' })))
      await throwsCode('ERR_CONFIG', () => verify(token, published({ kty: 'RSA' })))
      await throwsCode('ERR_CONFIG', () => verify(token, published({ use: 'enc' })))
      await throwsCode(
        'ERR_CONFIG',
        () => verify(token, { keys: [{ jwk: { ...jwk, kid: 'k1' } }, key] }),
      )
      await throwsCode('ERR_CONFIG', () => verify(token, { keys: jwk }))
    },
  })),
  {
    name: 'a generated token is verified, and its claims have no prototype',
    run() {
      const answer = verify(
        issue(JSON.parse('{"sub":"user-1","role":"admin","__proto__":{"x":1}}')),
      )
      equal(
        [answer.ok, answer.claims.sub, answer.claims.role, answer.claims.iat, answer.claims.exp],
        [true, 'user-1', 'admin', nowMs / 1000, nowMs / 1000 + 60],
        'the answer',
      )
      equal(Object.getPrototypeOf(answer.claims), null, 'the prototype')
      equal([answer.claims.x, answer.claims.toString], [undefined, undefined], 'inherited names')
    },
  },
  {
    name: 'every check rejects with its own code',
    run() {
      const token = issue()
      const [header, payload, signature] = token.split('.')
      const table = [
        ['', 'ERR_TOKEN_MALFORMED'],
        ['a.b', 'ERR_TOKEN_MALFORMED'],
        [`${token}.x`, 'ERR_TOKEN_MALFORMED'],
        [`${token}=`, 'ERR_TOKEN_MALFORMED'],
        [` ${token}`, 'ERR_TOKEN_MALFORMED'],
        ['x'.repeat(8193), 'ERR_TOKEN_MALFORMED'],
        [`${token}${'A'.repeat(70_000)}`, 'ERR_TOKEN_MALFORMED'],
        [`${b64url('{')}.${payload}.${signature}`, 'ERR_TOKEN_HEADER'],
        [withHeader(token, { alg: 'HS256', kid: 'k1', jku: 'x' }), 'ERR_TOKEN_HEADER'],
        [withHeader(token, { alg: 'HS256', kid: 'k1', crit: ['exp'] }), 'ERR_TOKEN_HEADER'],
        [withHeader(token, { alg: 'HS256', kid: null }), 'ERR_TOKEN_HEADER'],
        [withHeader(token, { alg: 'HS256', kid: 'k1', typ: null }), 'ERR_TOKEN_HEADER'],
        [
          `${b64url('{"alg":"HS256","alg":"HS256","kid":"k1"}')}.${payload}.${signature}`,
          'ERR_TOKEN_HEADER',
        ],
        [withHeader(token, { alg: 'none', kid: 'k1' }), 'ERR_TOKEN_ALGORITHM'],
        [withHeader(token, { alg: 'HS512', kid: 'k1' }), 'ERR_TOKEN_ALGORITHM'],
        [withHeader(token, { alg: 'RS256', kid: 'k1' }), 'ERR_TOKEN_ALGORITHM'],
        [withHeader(token, { alg: 'HS256', kid: 'k2' }), 'ERR_TOKEN_UNKNOWN_KEY'],
        [withHeader(token, { alg: 'HS256', kid: 'k1' }), 'ERR_TOKEN_SIGNATURE'],
        [`${header}.${payload}.`, 'ERR_TOKEN_SIGNATURE'],
        [`${header}.${payload}.${signature.slice(0, -2)}`, 'ERR_TOKEN_MALFORMED'],
      ]
      for (const [bad, code] of table) equal(verify(bad).code, code, bad.slice(0, 90))
      const nameless = withHeader(token, { alg: 'HS256' })
      equal(verify(nameless).code, 'ERR_TOKEN_SIGNATURE', 'no kid, and one matching key')
      equal(
        verify(nameless, { keys: [key, { id: 'k2', secret: generateSecret() }] }).code,
        'ERR_TOKEN_UNKNOWN_KEY',
        'no kid, and two matching keys',
      )
    },
  },
  {
    name: 'iss, aud, exp, typ and the key must be the expected ones',
    run() {
      const token = issue()
      equal(
        verify(token, { issuer: 'https://issuer.example/' }).code,
        'ERR_TOKEN_CLAIM_INVALID',
        'another issuer',
      )
      equal(
        verify(token, { audience: 'https://other.example' }).code,
        'ERR_TOKEN_CLAIM_INVALID',
        'another audience',
      )
      equal(verify(token, { typ: 'at+jwt' }).code, 'ERR_TOKEN_TYPE', 'another purpose')
      equal(
        verify(issue({}, { typ: 'at+jwt' })).code,
        'ERR_TOKEN_TYPE',
        'an access token instead of a JWT',
      )
      equal(
        verify(token, { keys: [{ id: 'k1', secret: generateSecret() }] }).code,
        'ERR_TOKEN_SIGNATURE',
        'another secret',
      )
      equal(verify(token, { keys: [] }).code, 'ERR_TOKEN_UNKNOWN_KEY', 'no key')
      equal(
        verify(token, { nowMs: nowMs - 31_000 }).code,
        'ERR_TOKEN_CLAIM_INVALID',
        'an iat in the future',
      )
      equal(verify(token, { nowMs: nowMs - 30_000 }).ok, true, 'within the leeway')
      equal(verify(token, { nowMs: nowMs + 89_999 }).ok, true, 'a moment before exp and leeway')
      equal(verify(token, { nowMs: nowMs + 90_000 }).code, 'ERR_TOKEN_EXPIRED', 'at exp and leeway')
      equal(
        verify(token, { nowMs: nowMs + 60_000, leewaySeconds: 0 }).code,
        'ERR_TOKEN_EXPIRED',
        'at exp without leeway',
      )
    },
  },
  {
    name: 'a token with any flipped bit is rejected',
    run() {
      const token = issue()
      for (let n = 0; n < token.length; n += 1) {
        const flipped = token.slice(0, n) + String.fromCharCode(token.charCodeAt(n) ^ 1)
          + token.slice(n + 1)
        ok(!verify(flipped).ok, `rejection of a token changed at ${n}`)
      }
    },
  },
  {
    name: 'invalid options for tokens are errors',
    async run() {
      await throwsCode('ERR_ARGUMENT', () => issue({ iss: 'me' }))
      await throwsCode('ERR_ARGUMENT', () => issue({ a: 'x'.repeat(4096) }))
      await throwsCode('ERR_ARGUMENT', () => issue([]))
      await throwsCode(
        'ERR_ARGUMENT',
        () => issue({ a: JSON.parse('['.repeat(64) + ']'.repeat(64)) }),
      )
      equal(
        verify(issue({ a: JSON.parse('['.repeat(63) + ']'.repeat(63)) })).ok,
        true,
        'at the nesting limit',
      )
      await throwsCode('ERR_ARGUMENT', () => issue({}, { ttlSeconds: 0 }))
      await throwsCode('ERR_ARGUMENT', () => issue({}, { ttlSeconds: 1.5 }))
      await throwsCode('ERR_ARGUMENT', () => issue({}, { ttlSeconds: 31_536_001 }))
      await throwsCode('ERR_WEAK_SECRET', () => issue({}, { key: { id: 'k', secret: 'AAAA' } }))
      await throwsCode('ERR_CLOCK', () => issue({}, { nowMs: Number.NaN }))
      await throwsCode('ERR_CLOCK', () => verify(issue(), { nowMs: 0 }))
      await throwsCode('ERR_CONFIG', () => verify(issue(), { leewaySeconds: 121 }))
      await throwsCode('ERR_ARGUMENT', () => verify(7))
      await throwsCode('ERR_ARGUMENT', () => issue({ a: 'x'.repeat(20_000_000) }))
      await throwsCode('ERR_ARGUMENT', () => issue({}, { issuer: 'x'.repeat(20_000_000) }))
      equal(verify('x'.repeat(20_000_000)).code, 'ERR_TOKEN_MALFORMED', 'a token of 20 MB')
    },
  },
  {
    name:
      'an access token is valid for its site only, and its lifetime is shortened by at most 5 %',
    async run(world) {
      const lifetimes = []
      for (let n = 0; n < 40; n += 1) {
        const { sessions, browser } = await createSignedInBrowser(world)
        const { claims } = sessions.authenticate(browser.request())
        lifetimes.push(claims.exp - claims.iat)
        sessions.dispose()
      }
      ok(
        lifetimes.every((seconds) => seconds >= 285 && seconds <= 300),
        `285 to 300 s: ${lifetimes}`,
      )
      ok(new Set(lifetimes).size > 3, 'different lifetimes')
    },
  },
  {
    name: 'decideRotation gives the verdict for the facts',
    async run() {
      const presentedToken = { generation: 3, absoluteDeadlineMs: nowMs + 10_000_000 }
      const session = {
        generation: 3,
        secretMatches: true,
        successorIsCurrent: false,
        sameClient: true,
        rotatedAtMs: nowMs - 30_000,
        idleDeadlineMs: nowMs + 1,
        absoluteDeadlineMs: nowMs + 10_000_000,
      }
      const decide = (facts) =>
        decideRotation({
          nowMs,
          presentedToken,
          session,
          windows: { confirmationsRecorded: true },
          ...facts,
        })
      const previous = { ...session, generation: 4, secretMatches: false, successorIsCurrent: true }
      const stepUp = { generation: 6, atMs: nowMs - 1000, sameClient: true }
      const table = [
        [{}, '6', 'rotate'],
        [{ session: { ...session, rotatedAtMs: nowMs - 29_999 } }, '5', 'access_token_only'],
        [{ windows: { minRotationIntervalSeconds: 31 } }, '5', 'access_token_only'],
        [{ session: { ...session, idleDeadlineMs: nowMs } }, '2', 'expired'],
        [{ presentedToken: { ...presentedToken, absoluteDeadlineMs: nowMs } }, '2', 'expired'],
        [{ session: null }, '3', 'unknown'],
        [{ session: null, removalReason: 'revoked' }, '3', 'revoked'],
        [{ session: null, removalReason: 'evicted' }, '3', 'evicted'],
        [{ session: null, removalReason: 'reused' }, '3', 'reused'],
        [{ session: { ...session, generation: 2 } }, '4', 'ahead_of_record'],
        [{ session: { ...session, secretMatches: false } }, '6a', 'secret_mismatch'],
        [{ session: previous }, '7', 'reissue_successor'],
        [{ session: { ...previous, confirmedAtMs: nowMs - 9999 } }, '7', 'reissue_successor'],
        [
          { session: { ...previous, confirmedAtMs: nowMs - 10_000, closedAtMs: nowMs - 10_000 } },
          '7a',
          'superseded',
        ],
        [
          { session: { ...previous, confirmedAtMs: nowMs - 119_999, closedAtMs: nowMs - 119_999 } },
          '7a',
          'superseded',
        ],
        [
          { session: { ...previous, confirmedAtMs: nowMs - 120_000, closedAtMs: nowMs - 120_000 } },
          '8',
          'reused_late',
        ],
        [
          {
            session: { ...previous, confirmedAtMs: nowMs - 60_000, closedAtMs: nowMs - 60_000 },
            windows: { leewaySeconds: 0 },
          },
          '8',
          'reused_late',
        ],
        [{ session: { ...previous, sameClient: null } }, '7', 'reissue_successor'],
        [{ session: { ...previous, sameClient: false } }, '7b', 'superseded'],
        [
          { session: { ...previous, sameClient: false, rotatedAtMs: nowMs - 120_000 } },
          '8',
          'reused_by_other_client',
        ],
        [
          { session: { ...previous, rotatedAtMs: nowMs - 120_000 }, windows: {} },
          '8',
          'reused_late',
        ],
        [{ session: { ...session, generation: 6, stepUp } }, '9', 'step_up_unfinished'],
        [
          {
            session: {
              ...session,
              generation: 6,
              stepUp: { ...stepUp, closedAtMs: nowMs - 120_000 },
            },
          },
          '10',
          'reused_stale',
        ],
        [{ session: { ...session, generation: 9 } }, '10', 'reused_stale'],
      ]
      for (const [facts, row, verdict] of table) {
        equal(decide(facts), { row, verdict }, JSON.stringify(facts))
      }
      await throwsCode('ERR_ARGUMENT', () => decideRotation({ nowMs }))
      await throwsCode('ERR_ARGUMENT', () =>
        decideRotation({
          get nowMs() {
            throw new Error('a getter')
          },
        }))
      await throwsCode(
        'ERR_CLOCK',
        () => decideRotation({ nowMs: -1, presentedToken, session }),
      )
    },
  },
]
