import { createSigner, createVerifier, generateKey, generateSecret, scoreAnomaly } from 'portcullis'
import { copyCoreMemory, forceTrap } from 'portcullis/testing'
import { equal, ok, throwsCode } from '../assert.mjs'
import { createSignedInBrowser } from '../support.mjs'

/** Counts the copies of some bytes in the memory of the core. */
function countSecretCopies(bytes) {
  const memory = copyCoreMemory()
  let found = 0
  for (let at = memory.indexOf(bytes[0]); at !== -1; at = memory.indexOf(bytes[0], at + 1)) {
    if (bytes.every((byte, n) => memory[at + n] === byte)) found += 1
  }
  return found
}

/** The subkeys of docs/keys.md, derived with the cryptography of the runtime. */
async function subkeys(secret) {
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const derive = (label) =>
    crypto.subtle.deriveBits(
      {
        name: 'HKDF',
        hash: 'SHA-256',
        salt: new Uint8Array(),
        info: new TextEncoder().encode(`portcullis/1/${label}`),
      },
      key,
      256,
    )
  const derived = await Promise.all(['token', 'seal', 'refresh', 'rotation'].map(derive))
  return derived.map((bits) => new Uint8Array(bits))
}

const disposal = {
  name: 'dispose leaves no key in the memory of the core',
  async run(world) {
    const secret = crypto.getRandomValues(new Uint8Array(32))
    const keys = { ring: [{ id: 'k1', secret }], storeKeySecret: generateSecret() }
    const { sessions, clock, browser } = await createSignedInBrowser(world, { keys })
    for (let n = 0; n < 5; n += 1) {
      clock.advance(31)
      browser.keep(await sessions.refresh(browser.request()))
      sessions.authenticate(browser.request())
    }
    const derived = await subkeys(secret)
    ok(
      derived.every((key) => countSecretCopies(key) > 0),
      'the subkeys of docs/keys.md before dispose',
    )
    sessions.dispose()
    equal([secret, ...derived].map(countSecretCopies), [0, 0, 0, 0, 0], 'copies after dispose')
  },
}

const tokenKeys = {
  name: 'dispose leaves no key of a signer or verifier in the memory of the core',
  async run() {
    const names = { issuer: 'i', audience: 'a' }
    const hmac = crypto.getRandomValues(new Uint8Array(32))
    const pairs = ['EdDSA', 'ES256'].map((algorithm) => generateKey(algorithm, { id: algorithm }))
    const text = (jwk) => new TextEncoder().encode(jwk.d)
    const bytes = (jwk) =>
      Uint8Array.from(
        atob(jwk.d.replace(/-/g, '+').replace(/_/g, '/')),
        (character) => character.charCodeAt(0),
      )
    const all = [
      ...pairs.map(({ privateJwk }) =>
        createSigner({ key: { jwk: privateJwk }, ...names, ttlSeconds: 60 })
      ),
      createSigner({ key: { id: 'h', hmac }, ...names, ttlSeconds: 60 }),
      createVerifier({ keys: [{ id: 'h', hmac }], ...names }),
    ]
    for (const one of all) (one.sign ?? one.verify).call(one, one.sign === undefined ? 'a.b.c' : {})
    ok(
      pairs.some(({ privateJwk }) => countSecretCopies(bytes(privateJwk)) > 0),
      'the private keys before dispose',
    )
    for (const one of all) one.dispose()
    equal(
      [hmac, ...pairs.flatMap(({ privateJwk }) => [text(privateJwk), bytes(privateJwk)])].map(
        countSecretCopies,
      ),
      [0, 0, 0, 0, 0],
      'copies after dispose',
    )
  },
}

const recovery = ['abort', 'stack', 'memory'].map((how) => ({
  name: `after a trap the next call works: ${how}`,
  async run(world) {
    const { sessions, clock, browser } = await createSignedInBrowser(world)
    clock.advance(31)
    for (let n = 0; n < 20; n += 1) {
      const error = await throwsCode('ERR_TRAP', () => forceTrap(how))
      equal([error.status, error.cause instanceof Error], [503, true], 'the error')
      equal(sessions.authenticate(browser.request()).ok, true, 'authenticate after a trap')
    }
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    equal(
      browser.keep(await sessions.refresh(browser.request())).rotated,
      true,
      'refresh after a trap',
    )
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    equal((await sessions.list('user-1')).length, 1, 'sessions after a trap')
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    const score = () =>
      scoreAnomaly({
        kind: 'refresh',
        profile: null,
        session: null,
        context: { country: 'DE', language: 'de' },
        nowMs: clock.ms,
      })
    const before = score()
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    equal(score(), before, 'a score after a trap')
    const keys = {
      key: { id: 'h', hmac: generateSecret() },
      issuer: 'i',
      audience: 'a',
      ttlSeconds: 60,
    }
    const signer = createSigner(keys)
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    equal(signer.sign({}).split('.').length, 3, 'a signature after a trap')
    signer.dispose()
    sessions.dispose()
    await throwsCode('ERR_DISPOSED', () => sessions.authenticate(browser.request()))
  },
}))

export const cases = [disposal, tokenKeys, ...recovery]
