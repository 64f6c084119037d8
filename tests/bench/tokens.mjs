// Measures tokens of about 320 bytes with 7 claims, which arrive as fresh strings. The caller reads
// sub, sid and exp. Every peer checks the same (signature, iss, aud, exp, typ if it can, 30 s of
// leeway) with its fastest kind of key.
import { createSigner as fastSigner, createVerifier as fastVerifier } from 'fast-jwt'
import { sign as honoSign, verify as honoVerify } from 'hono/jwt'
import { jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { createSigner, createVerifier, generateKey } from 'portcullis'

const issuer = 'https://issuer.example'
const audience = 'https://api.example'
const LEEWAY = 30
const claims = (n) => ({
  sub: `user-${String(n).padStart(8, '0')}`,
  sid: '41eA3w3_oq_eGO64cIO9r3mvpSShNnFmQZbOHvC-PdU',
  gen: 7,
})
const read = ({ sub, sid, exp }) => sub.length + sid.length + exp

/** Makes fresh strings, which no engine has hashed before, as a header parser does. */
const bytesOf = new TextEncoder()
const stringOf = new TextDecoder()
const fresh = (texts) => {
  const copies = texts.map((text) => bytesOf.encode(text))
  return () => copies.map((copy) => stringOf.decode(copy))
}

function works(run) {
  try {
    run()
    return true
  } catch {
    return false
  }
}

export async function tokenBenches(
  { compare },
  { createPublicKey, createSecretKey, Buffer },
) {
  const { subtle } = crypto
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const secret = createSecretKey(raw)
  const cryptoKey = await subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])
  const ours = { key: { id: 'k1', hmac: raw }, issuer, audience, ttlSeconds: 600 }
  const signer = createSigner(ours)
  const expected = { issuer, audience, leewaySeconds: LEEWAY }
  const uncached = createVerifier({ keys: [ours.key], ...expected, tokenCacheSize: false })
  const cached = createVerifier({ keys: [ours.key], ...expected })
  const fast = {
    key: Buffer.from(raw),
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
    clockTolerance: LEEWAY * 1000,
    checkTyp: 'JWT',
    requiredClaims: ['iss', 'aud', 'exp'],
  }
  const fastUncached = fastVerifier({ ...fast, cache: false })
  const fastCached = fastVerifier({ ...fast, cache: 1000 })
  const joseOptions = {
    issuer,
    audience,
    clockTolerance: LEEWAY,
    typ: 'JWT',
    algorithms: ['HS256'],
    requiredClaims: ['exp'],
  }
  // jsonwebtoken does not check typ.
  const nodeVerify = (token) => {
    const { header, payload } = jsonwebtoken.verify(token, secret, {
      issuer,
      audience,
      clockTolerance: LEEWAY,
      algorithms: ['HS256'],
      complete: true,
    })
    if (header.typ !== 'JWT') throw new Error('another typ')
    return payload
  }

  const distinct = Array.from({ length: 5000 }, (_, n) => signer.sign(claims(n)))
  const arriving = { calls: distinct.length, prepare: fresh(distinct) }
  const verify = (token) => read(uncached.verify(token).claims)
  await compare(
    'verify-hs256-distinct',
    verify,
    'fast-jwt',
    (token) => read(fastUncached(token)),
    arriving,
  )
  await compare(
    'verify-hs256-distinct',
    verify,
    'jsonwebtoken',
    (token) => read(nodeVerify(token)),
    arriving,
  )
  await compare(
    'verify-hs256-distinct',
    verify,
    'hono',
    async (token) =>
      read(await honoVerify(token, cryptoKey, { alg: 'HS256', iss: issuer, aud: audience })),
    arriving,
  )
  await compare(
    'verify-hs256-distinct',
    verify,
    'jose',
    async (token) => read((await jwtVerify(token, cryptoKey, joseOptions)).payload),
    arriving,
  )

  const thousand = Array.from({ length: 5000 }, (_, n) => distinct[n % 1000])
  const repeating = { calls: thousand.length, prepare: fresh(thousand) }
  await compare(
    'verify-hs256-repeated',
    (token) => read(cached.verify(token).claims),
    'fast-jwt-cache',
    (token) => read(fastCached(token)),
    repeating,
  )

  const fastSign = fastSigner({
    key: Buffer.from(raw),
    algorithm: 'HS256',
    kid: 'k1',
    iss: issuer,
    aud: audience,
    expiresIn: 600_000,
  })
  const sign = (_, n) => signer.sign(claims(n)).length
  await compare('sign-hs256', sign, 'fast-jwt', (_, n) => fastSign(claims(n)).length)
  await compare(
    'sign-hs256',
    sign,
    'jsonwebtoken',
    (_, n) =>
      jsonwebtoken.sign(claims(n), secret, {
        algorithm: 'HS256',
        keyid: 'k1',
        issuer,
        audience,
        expiresIn: 600,
      }).length,
  )
  await compare('sign-hs256', sign, 'hono', async (_, n) => {
    const iat = Math.floor(Date.now() / 1000)
    return (await honoSign(
      { ...claims(n), iss: issuer, aud: audience, iat, exp: iat + 600 },
      cryptoKey,
      'HS256',
    )).length
  })
  await compare('sign-hs256', sign, 'jose', async (_, n) => {
    const jwt = new SignJWT(claims(n)).setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'k1' })
      .setIssuer(issuer).setAudience(audience).setIssuedAt().setExpirationTime('10m')
    return (await jwt.sign(cryptoKey)).length
  })

  for (
    const [bench, algorithm, named] of [['verify-eddsa', 'EdDSA', { name: 'Ed25519' }], [
      'verify-es256',
      'ES256',
      { name: 'ECDSA', namedCurve: 'P-256' },
    ]]
  ) {
    const pair = generateKey(algorithm, { id: 'k1' })
    const pairSigner = createSigner({ ...ours, key: { jwk: pair.privateJwk } })
    const pairVerifier = createVerifier({
      keys: [{ jwk: pair.publicJwk }],
      ...expected,
      tokenCacheSize: false,
    })
    const imported = await subtle.importKey('jwk', pair.publicJwk, named, false, ['verify'])
    const pem = createPublicKey({ key: pair.publicJwk, format: 'jwk' }).export({
      format: 'pem',
      type: 'spki',
    })
    const fastPair = fastVerifier({ ...fast, key: pem, algorithms: [algorithm], cache: false })
    const tokens = Array.from({ length: 200 }, (_, n) => pairSigner.sign(claims(n)))
    const few = { calls: tokens.length, prepare: fresh(tokens) }
    const verifyPair = (token) => read(pairVerifier.verify(token).claims)
    await compare(
      bench,
      verifyPair,
      'jose',
      async (token) =>
        read(
          (await jwtVerify(token, imported, { ...joseOptions, algorithms: [algorithm] })).payload,
        ),
      few,
    )
    // The peer is left out if the node:crypto of the runtime lacks a function that the peer needs.
    if (works(() => fastPair(tokens[0]))) {
      await compare(bench, verifyPair, 'fast-jwt', (token) => read(fastPair(token)), few)
    }
  }

  const encode = (text) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const nested = `${
    encode(`{"alg":"HS256","typ":"JWT","kid":${'['.repeat(2000)}${']'.repeat(2000)}}`)
  }.${distinct[0].split('.').slice(1).join('.')}`
  const rejected = {
    'refuse-forged': distinct.map((token) => `${token.slice(0, -8)}AAAAAAAA`),
    'refuse-oversize': Array.from({ length: 500 }, () => 'A'.repeat(65_536)),
    'refuse-nested': Array.from({ length: 500 }, () => nested),
  }
  const refuses = (run) => (token) => {
    try {
      run(token)
    } catch {
      return 0
    }
    throw new Error('accepted')
  }
  for (const [bench, tokens] of Object.entries(rejected)) {
    const many = { calls: tokens.length, prepare: fresh(tokens) }
    const refuse = (token) => (uncached.verify(token).ok ? Number.NaN : 0)
    await compare(bench, refuse, 'fast-jwt', refuses((token) => fastUncached(token)), many)
    await compare(bench, refuse, 'jsonwebtoken', refuses(nodeVerify), many)
    await compare(
      bench,
      refuse,
      'jose',
      async (token) => jwtVerify(token, cryptoKey, joseOptions).then(() => Number.NaN, () => 0),
      many,
    )
  }
  for (const one of [signer, uncached, cached]) one.dispose()
}
