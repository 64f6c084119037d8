import {
  createJwks,
  createJwksVerifier,
  createSessions,
  createSigner,
  createVerifier,
  deriveSubkey,
  generateKey,
  generateOpaqueToken,
  generateSecret,
  generateToken,
  seal,
  unseal,
  verifyToken,
} from 'portcullis'
import { equal, ok, throwsCode } from '../assert.mjs'
import { createSignedInBrowser } from '../support.mjs'

const names = { issuer: 'https://issuer.example', audience: 'https://api.example' }
const nowMs = 1_750_000_000_000
const PAIRS = ['EdDSA', 'ES256']

/** The key as PKCS #8 and SPKI, written by the cryptography of the runtime. */
async function files(algorithm, { privateJwk }) {
  const named = algorithm === 'EdDSA' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }
  const { alg: _, use: __, kid: ___, ...bare } = privateJwk
  const { d: ____, ...half } = bare
  const [whole, public_] = await Promise.all([
    crypto.subtle.importKey('jwk', bare, named, true, ['sign']),
    crypto.subtle.importKey('jwk', half, named, true, ['verify']),
  ])
  const [pkcs8, spki] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', whole),
    crypto.subtle.exportKey('spki', public_),
  ])
  return { pkcs8: new Uint8Array(pkcs8), spki: new Uint8Array(spki) }
}

const pem = (label, der) =>
  `-----BEGIN ${label}-----\n${
    btoa(String.fromCharCode(...der)).replace(/.{64}/g, '$&\n')
  }\n-----END ${label}-----\n`

export const cases = [
  ...PAIRS.map((algorithm) => ({
    name: `a generated key signs and its public half verifies, in every format: ${algorithm}`,
    async run() {
      const pair = generateKey(algorithm)
      equal([pair.id.length, pair.publicJwk.kid, pair.publicJwk.d, typeof pair.privateJwk.d], [
        43,
        pair.id,
        undefined,
        'string',
      ], 'the pair')
      const { pkcs8, spki } = await files(algorithm, pair)
      const id = pair.id
      const signingKey = [{ jwk: pair.privateJwk }, { id, pem: pem('PRIVATE KEY', pkcs8) }, {
        id,
        der: pkcs8,
      }]
      const verifyingKey = [{ jwk: pair.publicJwk }, { id, pem: pem('PUBLIC KEY', spki) }, {
        id,
        der: spki,
      }]
      for (const key of signingKey) {
        const token = generateToken({ sub: 'user-1' }, { key, ...names, ttlSeconds: 60, nowMs })
        for (const one of verifyingKey) {
          equal(
            verifyToken(token, { keys: [one], ...names, nowMs }).claims?.sub,
            'user-1',
            'the subject',
          )
        }
        equal(
          verifyToken(`${token.slice(0, -4)}AAAA`, { keys: [verifyingKey[0]], ...names, nowMs })
            .code,
          'ERR_TOKEN_SIGNATURE',
          'another signature',
        )
      }
      for (const key of signingKey) {
        await throwsCode('ERR_CONFIG', () => createVerifier({ keys: [key], ...names }))
      }
      for (const key of verifyingKey) {
        await throwsCode('ERR_CONFIG', () => createSigner({ key, ...names, ttlSeconds: 60 }))
      }
    },
  })),
  {
    name: 'a generated HS256 key is a shared secret, and its formats agree',
    async run() {
      const { privateJwk, publicJwk, id } = generateKey('HS256', { id: 'shared' })
      equal(
        [publicJwk, id, privateJwk.kty, privateJwk.kid],
        [null, 'shared', 'oct', 'shared'],
        'the key',
      )
      const token = generateToken({}, { key: { jwk: privateJwk }, ...names, ttlSeconds: 60, nowMs })
      equal(
        verifyToken(token, { keys: [{ id, hmac: privateJwk.k }], ...names, nowMs }).ok,
        true,
        'the same bytes',
      )
      equal(
        verifyToken(token, { keys: [{ id, secret: privateJwk.k }], ...names, nowMs }).code,
        'ERR_TOKEN_SIGNATURE',
        'a subkey of these bytes',
      )
      await throwsCode('ERR_ARGUMENT', () => generateKey('RS256'))
      await throwsCode('ERR_CONFIG', () => generateKey('EdDSA', { id: 'a b' }))
      await throwsCode(
        'ERR_ENTROPY',
        () => generateKey('EdDSA', { entropy: () => new Uint8Array(48) }),
      )
      await throwsCode(
        'ERR_CONFIG',
        () =>
          verifyToken(token, {
            keys: [{ id, hmac: privateJwk.k, secret: privateJwk.k }],
            ...names,
          }),
      )
      await throwsCode(
        'ERR_CONFIG',
        () => verifyToken(token, { keys: [{ id, hmac: undefined }], ...names }),
      )
      await throwsCode('ERR_CONFIG', () => verifyToken(token, { keys: [{ id, pem: 7 }], ...names }))
      await throwsCode('ERR_CONFIG', () => verifyToken(token, { keys: [null], ...names }))
      await throwsCode(
        'ERR_WEAK_SECRET',
        () => verifyToken(token, { keys: [{ id, hmac: '' }], ...names }),
      )
    },
  },
  {
    name: 'the published key set follows the key schedule: upcoming, active, retiring, retired',
    run() {
      const [first, second] = [
        generateKey('EdDSA', { id: 'first' }),
        generateKey('ES256', { id: 'second' }),
      ]
      const ring = [
        { jwk: second.privateJwk, activeAtMs: nowMs + 60_000 },
        { jwk: first.privateJwk, retiringAtMs: nowMs + 60_000, retiredAtMs: nowMs + 100_000 },
        { id: 'shared', secret: generateSecret(), activeAtMs: nowMs + 1e9 },
      ]
      const signer = createSigner({ key: ring, ...names, ttlSeconds: 600 })
      const set = (at) => createJwks(ring, { nowMs: at })
      const verifier = (at) => createJwksVerifier(set(at).jwks, { ...names, clock: () => at })
      const [early, late] = [signer.sign({}, { nowMs }), signer.sign({}, { nowMs: nowMs + 60_000 })]
      equal([early, late].map((token) => JSON.parse(atob(token.split('.')[0])).kid), [
        'first',
        'second',
      ], 'the signing keys')
      equal(set(nowMs).jwks.keys.map((key) => [key.kid, key.alg, key.d]), [[
        'second',
        'ES256',
        undefined,
      ], ['first', 'EdDSA', undefined]], 'the published keys')
      equal(verifier(nowMs).verify(early).ok, true, 'the active key')
      equal(verifier(nowMs + 60_000).verify(late).ok, true, 'the next key')
      equal(verifier(nowMs + 99_999).verify(early).ok, true, 'a retiring key')
      equal(set(nowMs + 100_000).jwks.keys.map((key) => key.kid), ['second'], 'no retired key')
      equal([nowMs, nowMs + 90_000, nowMs + 100_000].map((at) => set(at).maxAgeSeconds), [
        100,
        10,
        300,
      ], 'the maximum age of the set')
      const { headers, body } = set(nowMs + 90_000)
      equal([headers.get('content-type'), headers.get('cache-control')], [
        'application/jwk-set+json',
        'public, max-age=10',
      ], 'the headers')
      equal(JSON.parse(body).keys.length, 2, 'the body')
    },
  },
  {
    name: 'in the key set of another issuer, other key types are ignored and secrets are rejected',
    async run() {
      const { publicJwk, privateJwk } = generateKey('EdDSA', { id: 'a' })
      const others = [
        { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'r' },
        { ...publicJwk, kid: 'e', use: 'enc' },
        { ...publicJwk, kid: 'x', alg: 'ES256' },
        { kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA' },
        null,
        7,
      ]
      const token = generateToken({}, { key: { jwk: privateJwk }, ...names, ttlSeconds: 60, nowMs })
      equal(
        createJwksVerifier({ keys: [...others, publicJwk] }, names).verify(token, { nowMs }).ok,
        true,
        'the matching key',
      )
      await throwsCode('ERR_CONFIG', () => createJwksVerifier({ keys: others }, names))
      await throwsCode('ERR_CONFIG', () => createJwksVerifier({ keys: [privateJwk] }, names))
      await throwsCode(
        'ERR_CONFIG',
        () => createJwksVerifier({ keys: [publicJwk, { kty: 'oct', k: 'AA' }] }, names),
      )
      await throwsCode(
        'ERR_CONFIG',
        () => createJwksVerifier({ keys: [publicJwk, publicJwk] }, names),
      )
      await throwsCode('ERR_CONFIG', () => createJwksVerifier({ error: 'not found' }, names))
      await throwsCode(
        'ERR_CONFIG',
        () => createJwksVerifier({ keys: [publicJwk] }, { ...names, audiences: 'x' }),
      )
    },
  },
  {
    name:
      'sessions sign with an asymmetric key, publish it, and carry the claims of the application',
    async run(world) {
      const pair = generateKey('EdDSA', { id: 'k2' })
      const keys = {
        ring: [{ id: 'k2', secret: generateSecret(), signingKey: { jwk: pair.privateJwk } }, {
          id: 'k1',
          secret: generateSecret(),
        }],
        storeKeySecret: generateSecret(),
      }
      const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
      const { sessions, clock, browser, session } = await createSignedInBrowser(world, { keys }, {
        subject: 'user-1',
        claims: { role: 'admin', n: [1] },
        cnf: { jkt },
      })
      const answer = sessions.authenticate(browser.request())
      equal([answer.claims.role, answer.claims.n, answer.claims.cnf, answer.session.id], [
        'admin',
        [1],
        { jkt },
        session.id,
      ], 'the claims')
      const published = sessions.jwks()
      equal(published.jwks.keys, [{
        crv: 'Ed25519',
        kty: 'OKP',
        x: pair.publicJwk.x,
        alg: 'EdDSA',
        use: 'sig',
        kid: 'k2',
      }], 'the published set')
      const otherPlace = createJwksVerifier(published.jwks, {
        issuer: 'https://app.example',
        audience: 'https://app.example',
        typ: 'at+jwt',
        clock: clock.now,
      })
      equal(
        otherPlace.verify(browser.accessToken).claims.sub,
        'user-1',
        'the subject at another service',
      )
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      equal(sessions.authenticate(browser.request()).claims.role, 'admin', 'after a refresh')
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.signIn(browser.request(), { subject: 'u', claims: { sub: 'root' } }),
      )
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.signIn(browser.request(), { subject: 'u', claims: { p: 'x'.repeat(1024) } }),
      )
      await throwsCode(
        'ERR_ARGUMENT',
        () => sessions.signIn(browser.request(), { subject: 'u', cnf: { jkt: 'x' } }),
      )
      const wrong = (signing) =>
        createSessions({
          issuer: 'i',
          keys: {
            ring: [{ id: 'k', secret: generateSecret(), signingKey: signing }],
            storeKeySecret: generateSecret(),
          },
          store: { get() {}, swap() {} },
        })
      await throwsCode('ERR_CONFIG', () => wrong({ jwk: pair.publicJwk }))
      await throwsCode('ERR_CONFIG', () => wrong({ pem: 'x' }))
      sessions.dispose()
    },
  },
  {
    name: 'opaque tokens are random, and nothing is issued if the random source fails',
    async run() {
      equal([
        generateOpaqueToken().length,
        generateOpaqueToken(16).length,
        generateOpaqueToken(1024).length,
      ], [
        43,
        22,
        1366,
      ], 'the lengths')
      equal(
        new Set(Array.from({ length: 100 }, () => generateOpaqueToken(16))).size,
        100,
        'all different',
      )
      for (const bytes of [15, 0, -1, 16.5, 1025, Number.NaN, '32']) {
        await throwsCode('ERR_ARGUMENT', () => generateOpaqueToken(bytes))
      }
      const sources = [
        () => {
          throw new Error('no')
        },
        () => new Uint8Array(8),
        () => null,
        (length) => new Uint8Array(length),
        (length) => [...new Uint8Array(length)],
      ]
      for (const entropy of sources) {
        await throwsCode('ERR_ENTROPY', () => generateOpaqueToken(32, entropy))
      }
      const stuck = (length) => Uint8Array.from({ length }, (_, n) => n)
      generateOpaqueToken(32, stuck)
      await throwsCode('ERR_ENTROPY', () => generateOpaqueToken(32, stuck))
      await throwsCode('ERR_ENTROPY', () => generateSecret(stuck))
    },
  },
  {
    name: 'a subkey is derived as in RFC 5869, and each label has its own',
    async run() {
      const secret = crypto.getRandomValues(new Uint8Array(32))
      const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
      const info = new TextEncoder().encode('my app: uploads')
      const expected = new Uint8Array(
        await crypto.subtle.deriveBits(
          { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
          key,
          64 * 8,
        ),
      )
      equal([...deriveSubkey(secret, 'my app: uploads', 64)], [...expected], 'the subkey')
      equal(deriveSubkey(secret, 'a').length, 32, 'the default length')
      ok(
        String(deriveSubkey(secret, 'a')) !== String(deriveSubkey(secret, 'b')),
        'another key for another label',
      )
      for (
        const [label, length] of [
          ['', 32],
          ['portcullis/1/token', 32],
          ['x'.repeat(257), 32],
          ['a', 15],
          ['a', 1025],
          ['a', -1],
          ['a', 1.5],
        ]
      ) await throwsCode('ERR_ARGUMENT', () => deriveSubkey(secret, label, length))
      await throwsCode('ERR_WEAK_SECRET', () => deriveSubkey(secret.slice(0, 31), 'a'))
      await throwsCode('ERR_CONFIG', () => deriveSubkey(undefined, 'a'))
    },
  },
  {
    name: 'sealed data can be unsealed only with the same keys and associated data',
    async run() {
      const [old, next] = [{ id: 'old', secret: generateSecret() }, {
        id: 'next',
        secret: generateSecret(),
      }]
      const plain = crypto.getRandomValues(new Uint8Array(1000))
      const sealed = seal(plain, { keys: [old], associatedData: 'invoice 7' })
      equal(
        [sealed.length, [
          ...unseal(sealed, {
            keys: [next, old],
            associatedData: new TextEncoder().encode('invoice 7'),
          }),
        ]],
        [1049, [...plain]],
        'the round trip',
      )
      equal(unseal(seal(new Uint8Array(), { keys: [old] }), { keys: [old] }).length, 0, 'nothing')
      await throwsCode(
        'ERR_SEALED_CORRUPT',
        () => unseal(sealed, { keys: [old], associatedData: 'invoice 8' }),
      )
      await throwsCode('ERR_SEALED_CORRUPT', () => unseal(sealed, { keys: [old] }))
      await throwsCode(
        'ERR_SEALED_CORRUPT',
        () => unseal(sealed.slice(0, -1), { keys: [old], associatedData: 'invoice 7' }),
      )
      await throwsCode('ERR_SEALED_CORRUPT', () => unseal(new Uint8Array(), { keys: [old] }))
      await throwsCode(
        'ERR_SEALED_UNKNOWN_KEY',
        () => unseal(sealed, { keys: [next], associatedData: 'invoice 7' }),
      )
      await throwsCode(
        'ERR_SEALED_VERSION',
        () =>
          unseal(Uint8Array.from([9, ...sealed.slice(1)]), {
            keys: [old],
            associatedData: 'invoice 7',
          }),
      )
      await throwsCode('ERR_ARGUMENT', () => seal(new Uint8Array(1024 * 1024 + 1), { keys: [old] }))
      await throwsCode('ERR_ARGUMENT', () => seal('text', { keys: [old] }))
      await throwsCode(
        'ERR_ARGUMENT',
        () => seal(plain, { keys: [old], associatedData: 'x'.repeat(4097) }),
      )
      await throwsCode('ERR_CONFIG', () => seal(plain, { keys: [] }))
      await throwsCode('ERR_ENTROPY', () =>
        seal(plain, {
          keys: [old],
          entropy: () => {
            throw new Error('no')
          },
        }))
      const retired = { ...old, retiredAtMs: nowMs }
      await throwsCode('ERR_CONFIG', () => seal(plain, { keys: [retired], nowMs }))
      equal(
        unseal(sealed, { keys: [retired], associatedData: 'invoice 7' }).length,
        1000,
        'a retired key still unseals',
      )
    },
  },
]
