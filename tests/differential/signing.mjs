// Signatures for the differential run, with fixed keys and without randomness: a seed always makes
// the same tokens. They use node:crypto and integers, and neither of the compared verifiers.
import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign as signWith,
} from 'node:crypto'

/** The orders of the groups: RFC 8032 section 5.1, FIPS 186-5 (P-256). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const sha = (bits, ...parts) =>
  parts.reduce((hash, part) => hash.update(part), createHash(`sha${bits}`)).digest()
const number = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytesOf = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const little = (bytes) => number(Buffer.from(bytes).reverse())
const littleBytes = (value) => bytesOf(value).reverse()

function inverse(value, modulus) {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n]
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x]
  return ((x % modulus) + modulus) % modulus
}

/** A key by name: { alg, jwk, raw, sign(message) }, and invalid or unusual ways to sign. */
export function key(alg, name) {
  return { HS256: hmac, EdDSA: ed25519, ES256: p256 }[alg](
    sha(256, `portcullis differential ${alg} ${name}`),
  )
}

/** HMAC with a text that an application might use as a secret. */
export const macWith = (secret, hash = 'sha256') => (message) =>
  createHmac(hash, secret).update(message).digest()

function hmac(secret) {
  return {
    alg: 'HS256',
    jwk: { kty: 'oct', k: secret.toString('base64url') },
    raw: secret,
    sign: macWith(secret),
    odd: {
      'SHA-512': macWith(secret, 'sha512'),
      'SHA-512, cut to 32 bytes': (message) => macWith(secret, 'sha512')(message).subarray(0, 32),
      'the hash of key and message': (message) => sha(256, secret, message),
    },
  }
}

function ed25519(seed) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const secret = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const { kty, crv, x } = createPublicKey(secret).export({ format: 'jwk' })
  const point = Buffer.from(x, 'base64url')
  const sign = (message) => signWith(null, Buffer.from(message), secret)
  const changed = (change) => (message) => {
    const made = sign(message)
    return Buffer.concat([made.subarray(0, 32), change(little(made.subarray(32)))])
  }
  const hashed = sha(512, seed).subarray(0, 32)
  hashed[0] &= 248
  hashed[31] = (hashed[31] & 127) | 64
  // R is the neutral element, so that S = H(R, A, M) * a satisfies the equation. Older versions of
  // OpenSSL accept that.
  const neutral = (message) => {
    const r = littleBytes(1n)
    return Buffer.concat([
      r,
      littleBytes((little(sha(512, r, point, message)) * little(hashed)) % L),
    ])
  }
  return {
    alg: 'EdDSA',
    jwk: { kty, crv, x },
    raw: point,
    sign,
    odd: {
      'S + L': changed((s) => littleBytes(s + L)),
      '-S': changed((s) => littleBytes(L - s)),
      'S = L': changed(() => littleBytes(L)),
      'R of small order': neutral,
    },
  }
}

const curve = createECDH('prime256v1')

function p256(seed) {
  const d = number(seed) % N
  curve.setPrivateKey(bytesOf(d))
  const point = curve.getPublicKey()
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
    half.toString('base64url')
  )
  const numberList = (message) => {
    const k = (number(sha(512, seed, message)) % (N - 1n)) + 1n
    curve.setPrivateKey(bytesOf(k))
    const r = number(curve.getPublicKey().subarray(1, 33)) % N
    return [r, (inverse(k, N) * (number(sha(256, message)) + r * d)) % N]
  }
  const changed = (change) => (message) =>
    Buffer.concat(change(...numberList(message)).map(bytesOf))
  return {
    alg: 'ES256',
    jwk: { kty: 'EC', crv: 'P-256', x, y },
    raw: point,
    sign: changed((r, s) => [r, s]),
    odd: {
      'low S': changed((r, s) => [r, s > N / 2n ? N - s : s]),
      'high S': changed((r, s) => [r, s > N / 2n ? s : N - s]),
      'r and s swapped': changed((r, s) => [s, r]),
      'r = 0': changed((_, s) => [0n, s]),
      's = n': changed((r) => [r, N]),
      'r = s = 0': changed(() => [0n, 0n]),
      DER: (message) => der(numberList(message)),
    },
  }
}

function der(values) {
  const body = Buffer.concat(values.map((value) => {
    const bytes = Buffer.from(
      value.toString(16).padStart(2 * Math.ceil(value.toString(16).length / 2), '0'),
      'hex',
    )
    const whole = bytes[0] > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
    return Buffer.concat([Buffer.of(2, whole.length), whole])
  }))
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}
