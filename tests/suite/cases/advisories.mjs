// Published vulnerabilities of other packages that need JavaScript, tried on this package.
// tests/advisories.rs has the others.
import {
  createSessions,
  createSigner,
  createVerifier,
  generateKey,
  generateSecret,
  generateToken,
  verifyToken,
} from 'portcullis'
import { copyCoreMemory } from 'portcullis/testing'
import { equal, ok, throwsCode } from '../assert.mjs'
import { Browser } from '../support.mjs'

const names = { issuer: 'https://issuer.example', audience: 'https://api.example' }
const nowMs = 1_750_000_000_000
const key = { id: 'k1', secret: generateSecret() }

const bytes = (text) => new TextEncoder().encode(text)
const b64url = (part) =>
  btoa(String.fromCharCode(...part)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const sign = (claims = {}, options = {}) =>
  generateToken(claims, { key, ...names, ttlSeconds: 60, nowMs, ...options })
const verify = (token, options = {}) =>
  verifyToken(token, { keys: [key], ...names, nowMs, ...options })

const CLAIMS = { iss: names.issuer, aud: names.audience, sub: 'root', exp: nowMs / 1000 + 60 }
const message = (header) =>
  [{ typ: 'JWT', ...header }, CLAIMS].map((part) => b64url(bytes(JSON.stringify(part)))).join('.')

/**
 * A token with a MAC by the cryptography of the runtime, which rejects an empty key. 64 zero bytes
 * give the same MAC as an empty key (RFC 2104 section 2).
 */
async function withMac(header, secret) {
  const raw = secret.length === 0 ? new Uint8Array(64) : secret
  const hmac = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  const text = message({ alg: 'HS256', ...header })
  return `${text}.${b64url(new Uint8Array(await crypto.subtle.sign('HMAC', hmac, bytes(text))))}`
}

/** The public half of a key pair as PEM. */
async function pem({ publicJwk: { kty, crv, x, y } }) {
  const half = await crypto.subtle.importKey(
    'jwk',
    { kty, crv, x, y },
    { name: 'ECDSA', namedCurve: crv },
    true,
    ['verify'],
  )
  const der = btoa(
    String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey('spki', half))),
  )
  return `-----BEGIN PUBLIC KEY-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`
}

export const cases = [
  {
    // A public key was distinguished from a secret by its first characters, so that a leading space
    // made it a secret.
    name: 'CVE-2023-48223 / CVE-2026-34950: a public key with leading white space is not a secret',
    async run() {
      const text = await pem(generateKey('ES256', { id: 'k1' }))
      for (const space of ['', ' ', '\n', '\r\n\t ', '\v', '\u00a0', '\ufeff', '# a key\n']) {
        const spelled = space + text
        const typed = () => createVerifier({ keys: [{ id: 'k1', pem: spelled }], ...names })
        if (/^[ \t\r\n]*$/.test(space)) {
          equal(
            typed().verify(await withMac({ kid: 'k1' }, bytes(spelled)), { nowMs }).code,
            'ERR_TOKEN_ALGORITHM',
            JSON.stringify(space),
          )
        } else await throwsCode('ERR_CONFIG', typed)
        for (const form of ['hmac', 'secret']) {
          await throwsCode(
            'ERR_WEAK_SECRET',
            () => createVerifier({ keys: [{ id: 'k1', [form]: spelled }], ...names }),
          )
        }
        await throwsCode('ERR_CONFIG', () => createVerifier({ keys: [spelled], ...names }))
      }
    },
  },
  {
    // A claim named __proto__ became the prototype of the result, or changed every object.
    name: 'CVE-2024-34273: claims named __proto__ change no prototype',
    run() {
      const before = Object.getOwnPropertyNames(Object.prototype)
      for (const cache of [false, 10]) {
        const verifier = createVerifier({ keys: [key], ...names, tokenCacheSize: cache })
        for (
          const text of [
            '{"__proto__":{"compact":null,"polluted":true}}',
            '{"constructor":{"prototype":{"polluted":true}}}',
            '{"a":{"__proto__":{"polluted":true}}}',
            '{"__proto__":null,"polluted":1}',
          ]
        ) {
          for (const round of [1, 2]) {
            const { claims } = verifier.verify(sign(JSON.parse(text)), { nowMs })
            equal(
              [
                {}.polluted,
                {}.compact,
                Object.getPrototypeOf(claims),
                Object.keys(claims).includes('__proto__'),
              ],
              [undefined, undefined, null, text.startsWith('{"__proto__"')],
              `${text}, round ${round}`,
            )
            equal(claims.polluted, JSON.parse(text).polluted, 'the claim of the token')
          }
        }
      }
      equal(
        Object.getOwnPropertyNames(Object.prototype),
        before,
        'the properties of Object.prototype',
      )
    },
  },
  {
    // Millions of dots became millions of strings before the segments were counted.
    name: 'CVE-2025-30204: a token of dots is rejected without being split',
    run() {
      const verifier = createVerifier({ keys: [key], ...names })
      const before = copyCoreMemory().length
      for (
        const text of [
          '.'.repeat(1_000_000),
          `Bearer ${'.'.repeat(1_000_000)}`,
          '.'.repeat(8192),
          `${'.'.repeat(4000)}${sign()}`,
          `${sign()}${'.'.repeat(4000)}`,
        ]
      ) {
        for (let n = 0; n < 1000; n += 1) {
          if (verifier.verify(text, { nowMs }).code !== 'ERR_TOKEN_MALFORMED') {
            throw new Error(`a wrong result for ${text.length} characters`)
          }
        }
      }
      equal(copyCoreMemory().length - before, 0, 'growth of the core in bytes')
    },
  },
  {
    // A segment of any size was decoded and parsed before any check.
    name: 'CVE-2025-61920: an oversize segment is rejected before it is copied',
    run() {
      const verifier = createVerifier({ keys: [key], ...names })
      const [header, payload, signature] = sign().split('.')
      const before = copyCoreMemory().length
      const long = 'A'.repeat(50_000_000)
      for (
        const text of [
          `${long}.${payload}.${signature}`,
          `${header}.${long}.${signature}`,
          `${header}.${payload}.${long}`,
          `${'A'.repeat(8193)}.e30.AAAA`,
          '\u{1f600}'.repeat(4096),
          '\ud800'.repeat(8192),
        ]
      ) {
        equal(
          verifier.verify(text, { nowMs }).code,
          'ERR_TOKEN_MALFORMED',
          `${text.length} characters`,
        )
      }
      equal(copyCoreMemory().length - before, 0, 'growth of the core in bytes')
    },
  },
  {
    // Without a configured key, the key in the header of the token was trusted.
    name:
      'CVE-2026-27962: a missing key is an error or a rejection, even if the token contains a key',
    async run() {
      const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
        'sign',
        'verify',
      ])
      const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', made.publicKey)
      const jwk = { kty, crv, x, y }
      const forge = async (header) => {
        const text = message({ alg: 'ES256', ...header })
        return `${text}.${
          b64url(
            new Uint8Array(
              await crypto.subtle.sign(
                { name: 'ECDSA', hash: 'SHA-256' },
                made.privateKey,
                bytes(text),
              ),
            ),
          )
        }`
      }
      equal(
        verify(await forge({}), { keys: [{ jwk }] }).claims.sub,
        'root',
        'the subject, if that key is trusted',
      )
      for (const keys of [undefined, null, '', 'k', {}, [null], [undefined], [{}]]) {
        await throwsCode('ERR_CONFIG', () => createVerifier({ keys, ...names }))
      }
      for (
        const keys of [[], [key], [generateKey('ES256').publicJwk].map((other) => ({ jwk: other }))]
      ) {
        equal(
          verify(await forge({ jwk }), { keys }).code,
          'ERR_TOKEN_HEADER',
          'a token with its key in the header',
        )
        ok(
          ['ERR_TOKEN_UNKNOWN_KEY', 'ERR_TOKEN_SIGNATURE'].includes(
            verify(await forge({}), { keys }).code,
          ),
          'rejection of a token without the key',
        )
      }
    },
  },
  {
    // The lookup of an unknown kid gave an empty secret, which every attacker has.
    name:
      'CVE-2026-44351 / GHSA-gmvf-9v4p-v8jc: an empty secret throws, an unknown kid is rejected',
    async run() {
      const noMatch = new Uint8Array()
      for (const kid of ['unknown', '', '__proto__']) {
        equal(verify(await withMac({ kid }, noMatch)).code, 'ERR_TOKEN_UNKNOWN_KEY', `kid "${kid}"`)
      }
      equal(
        verify(await withMac({ kid: 'k1' }, noMatch)).code,
        'ERR_TOKEN_SIGNATURE',
        'a known kid',
      )
      equal(
        verify(await withMac({}, noMatch), { keys: [] }).code,
        'ERR_TOKEN_UNKNOWN_KEY',
        'no kid and no key',
      )
      for (
        const bad of [
          { id: 'k1', secret: '' },
          { hmac: '' },
          { hmac: noMatch },
          { hmac: new Uint8Array(64) },
          { jwk: { kty: 'oct', k: '' } },
          { jwk: { kty: 'oct' } },
        ]
      ) await throwsCode('ERR_WEAK_SECRET', () => createVerifier({ keys: [bad], ...names }))
      await throwsCode('ERR_CONFIG', () => createVerifier({ keys: () => '', ...names }))
      await throwsCode('ERR_CONFIG', () => createVerifier({ keys: [async () => ''], ...names }))
    },
  },
  {
    // The text of a public JSON Web Key was accepted as an HMAC secret.
    name: 'CVE-2026-48526: the text of a public key is not a secret',
    async run() {
      for (const algorithm of ['EdDSA', 'ES256']) {
        const { publicJwk } = generateKey(algorithm, { id: 'k1' })
        const { alg: _, ...bare } = publicJwk
        for (
          const text of [JSON.stringify(publicJwk), JSON.stringify(publicJwk, null, 2), publicJwk.x]
        ) {
          for (const jwk of [publicJwk, bare]) {
            equal(
              verify(await withMac({ kid: 'k1' }, bytes(text)), { keys: [{ jwk }] }).code,
              'ERR_TOKEN_ALGORITHM',
              `a MAC with ${text}`,
            )
          }
          await throwsCode(
            'ERR_CONFIG',
            () => createVerifier({ keys: [{ id: 'k1', pem: text }], ...names }),
          )
          await throwsCode(
            'ERR_CONFIG',
            () => createVerifier({ keys: [{ id: 'k1', jwk: text }], ...names }),
          )
        }
        for (const form of ['hmac', 'secret']) {
          await throwsCode(
            'ERR_WEAK_SECRET',
            () =>
              createVerifier({ keys: [{ id: 'k1', [form]: JSON.stringify(publicJwk) }], ...names }),
          )
        }
        await throwsCode(
          'ERR_CONFIG',
          () => createVerifier({ keys: [{ jwk: { ...publicJwk, alg: 'HS256' } }], ...names }),
        )
        await throwsCode(
          'ERR_WEAK_SECRET',
          () =>
            createVerifier({
              keys: [{ jwk: { ...publicJwk, kty: 'oct', crv: undefined } }],
              ...names,
            }),
        )
      }
    },
  },
  {
    // An empty key counted as no key, and without a key nothing was checked.
    name: 'GHSA-8wpc-h4q6-8fxv: a falsy key is an error at construction',
    async run() {
      const text = message({ alg: 'HS256' })
      for (
        const bad of [
          '',
          null,
          undefined,
          false,
          0,
          {},
          { id: 'k1' },
          { secret: undefined },
          { hmac: null },
          { jwk: null },
          { pem: '' },
          { der: new Uint8Array() },
        ]
      ) {
        await throwsCode('ERR_CONFIG', () => verify(`${text}.`, { keys: [bad] }))
      }
      await throwsCode(
        'ERR_CONFIG',
        () => createVerifier({ key: '', algorithms: ['HS256'], ...names }),
      )
      await throwsCode(
        'ERR_CONFIG',
        () => createVerifier({ keys: [key], algorithms: ['HS256'], ...names }),
      )
      for (const unsigned of [text, `${text}.`, `${text}.AA`]) {
        for (const keys of [[], [key]]) {
          ok(!verify(unsigned, { keys }).ok, 'rejection of a token without a signature')
        }
      }
    },
  },
  {
    // Two tokens shared one cache entry, so that the second token got the claims of the first.
    name: 'GHSA-rp9m-7r4c-75qg: a cache of verified tokens never confuses two tokens',
    run() {
      const other = { id: 'k1', secret: generateSecret() }
      const verifier = createVerifier({ keys: [{ ...key, retiredAtMs: nowMs + 50_000 }], ...names })
      const tokens = Array.from({ length: 50 }, (_, n) => sign({ sub: `user-${n}` }))
      for (const round of [1, 2]) {
        tokens.forEach((token, n) =>
          equal(verifier.verify(token, { nowMs }).claims.sub, `user-${n}`, `round ${round}`)
        )
      }
      const [good, second] = tokens
      const [header, payload, signature] = good.split('.')
      const mixed = [
        `${header}.${payload}.${second.split('.')[2]}`,
        `${header}.${second.split('.')[1]}.${signature}`,
      ]
      const bad = [
        ...mixed,
        sign({ sub: 'user-0' }, { key: other }),
        `${good}A`,
        good.slice(0, -1),
        good.toUpperCase(),
        `${good.slice(0, -4)}AAAA`,
        ` ${good}`,
        `${good}\0`,
      ]
      for (const round of [1, 2]) {
        for (const token of bad) {
          ok(
            !verifier.verify(token, { nowMs }).ok,
            `rejection of ${token.slice(-20)}, round ${round}`,
          )
        }
      }
      // Another policy or other keys make another verifier, which has its own cache.
      for (
        const options of [{ keys: [other] }, { audience: 'x' }, { issuer: 'x' }, { typ: 'at+jwt' }]
      ) {
        ok(
          !createVerifier({ keys: [key], ...names, ...options }).verify(good, { nowMs }).ok,
          'rejection by another verifier',
        )
      }
      equal([49_999, 50_000].map((ms) => verifier.verify(good, { nowMs: nowMs + ms }).code), [
        undefined,
        'ERR_TOKEN_UNKNOWN_KEY',
      ], 'until the key retires')
      const patient = createVerifier({ keys: [key], ...names })
      equal([0, 89_999, 90_000].map((ms) => patient.verify(good, { nowMs: nowMs + ms }).code), [
        undefined,
        undefined,
        'ERR_TOKEN_EXPIRED',
      ], 'until the token ends')
    },
  },
  {
    // A null in the list of secrets caused an exception at the first wrong signature.
    name: 'elysia #1861, #1646: a null secret is an error at construction that names the key',
    async run() {
      const store = { get: () => null, swap: () => true }
      for (const secret of [null, undefined, 7, {}, []]) {
        await throwsCode(
          'ERR_CONFIG',
          () => createVerifier({ keys: [key, { id: 'k2', secret }], ...names }),
        )
        await throwsCode(
          'ERR_CONFIG',
          () => createSigner({ key: [key, { id: 'k2', secret }], ...names, ttlSeconds: 60 }),
        )
        const error = await throwsCode(
          'ERR_CONFIG',
          () =>
            createSessions({
              issuer: 'i',
              keys: { ring: [key, { id: 'k2', secret }], storeKeySecret: generateSecret() },
              store,
            }),
        )
        ok(error.message.includes('k2'), `the name of the key, in "${error.message}"`)
      }
    },
  },
  {
    // Applications were deployed with the secret of a published example.
    name:
      'lmnr #2302, daily-code #777, evershop #1044: a published secret is rejected at construction',
    async run() {
      const store = { get: () => null, swap: () => true }
      const site = (secret) =>
        createSessions({
          issuer: 'i',
          keys: { ring: [{ id: 'k', secret }], storeKeySecret: generateSecret() },
          store,
        })
      for (
        const known of [
          'some_secret',
          'better-auth-secret-12345678901234567890',
          bytes('your-super-secret-jwt-token-with-at-least-32-characters-long'),
          'A'.repeat(43),
        ]
      ) await throwsCode('ERR_WEAK_SECRET', () => site(known))
      await throwsCode('ERR_CONFIG', () => site(undefined))
    },
  },
  {
    // Randomness was drawn while the module loaded, which fails on some platforms, and Math.random
    // replaced a missing source.
    name: 'tanstack/db #1781, cuid #297, elysia #1723: construction draws no randomness',
    async run({ runtime }) {
      let draws = 0
      const entropy = () => {
        draws += 1
        throw new Error('not at global scope')
      }
      const sessions = createSessions({
        issuer: 'https://app.example',
        keys: { ring: [key], storeKeySecret: generateSecret() },
        store: { get: () => null, swap: () => true },
        entropy,
      })
      createVerifier({ keys: [key], ...names })
      createSigner({ key, ...names, ttlSeconds: 60 })
      equal(draws, 0, 'draws at construction')
      await throwsCode(
        'ERR_ENTROPY',
        () => sessions.signIn(new Browser({ runtime }).request(), { subject: 'user-1' }),
      )
      equal(draws, 1, 'draws at sign-in')
      sessions.dispose()
    },
  },
]
