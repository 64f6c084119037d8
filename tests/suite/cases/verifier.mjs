import { createSigner, createVerifier, generateSecret } from 'portcullis'
import { copyCoreMemory, forceTrap } from 'portcullis/testing'
import { equal, ok, throwsCode } from '../assert.mjs'

const names = { issuer: 'https://issuer.example', audience: 'https://api.example' }
const nowMs = 1_750_000_000_000
const pair = () => {
  const key = { id: 'k1', secret: generateSecret() }
  return {
    key,
    signer: createSigner({ key, ...names, ttlSeconds: 60 }),
    verifier: (options = {}) => createVerifier({ keys: [key], ...names, ...options }),
  }
}

/** A copy that shares no memory with its source. */
const fresh = (text) => [...text].join('')

/** Signs any text as claims with the cryptography of the runtime. */
async function signedText(hmac, text) {
  const b64url = (bytes) =>
    btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  const encode = (part) => new TextEncoder().encode(part)
  const message = ['{"alg":"HS256","typ":"JWT","kid":"k1"}', text].map((part) =>
    b64url(encode(part))
  ).join('.')
  const key = await crypto.subtle.importKey('raw', hmac, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  return `${message}.${
    b64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(message))))
  }`
}

export const cases = [
  {
    name: 'a verifier applies its policy',
    async run() {
      const { key, verifier } = pair()
      const sign = (claims, options = {}) =>
        createSigner({ key, ...names, ttlSeconds: 60, ...options }).sign(claims, { nowMs })
      const code = (token, options) => verifier(options).verify(token, { nowMs }).code
      equal(
        code(sign({}, { audience: ['a', 'b'] }), { audience: ['x', 'b'] }),
        undefined,
        'one expected audience among several',
      )
      equal(
        code(sign({}, { audience: ['a', 'b'] }), { audience: ['x'] }),
        'ERR_TOKEN_CLAIM_INVALID',
        'no expected audience among several',
      )
      equal(
        code(sign({ scope: 'read' }), { requiredClaims: ['scope', 'iat'] }),
        undefined,
        'the required claims',
      )
      equal(
        code(sign({ scope: null }), { requiredClaims: ['scope'] }),
        'ERR_TOKEN_CLAIM_INVALID',
        'a required claim that is null',
      )
      equal(
        code(sign({}), { requiredClaims: ['sub'] }),
        'ERR_TOKEN_CLAIM_INVALID',
        'a missing required claim',
      )
      const old = createSigner({ key, ...names, ttlSeconds: 3600 }).sign({}, {
        nowMs: nowMs - 100_000,
      })
      equal(code(old, { maxTokenAgeSeconds: 70 }), undefined, 'at the maximum age with the leeway')
      equal(code(old, { maxTokenAgeSeconds: 69 }), 'ERR_TOKEN_EXPIRED', 'too old')
      for (
        const bad of [
          { maxTokenAgeSeconds: 0 },
          { tokenCacheSize: -1 },
          { tokenCacheSize: 1.5 },
          { tokenCacheSize: true },
          { tokenCacheSize: 100_001 },
          { requiredClaim: [] },
          { leewaySeconds: 121 },
          { clock: 7 },
        ]
      ) await throwsCode('ERR_CONFIG', () => verifier(bad))
      for (
        const bad of [{ requiredClaims: 'sub' }, { audience: 7 }, { issuer: undefined }, { typ: 7 }]
      ) await throwsCode('ERR_ARGUMENT', () => verifier(bad))
      await throwsCode(
        'ERR_ARGUMENT',
        () => createSigner({ key, ...names, ttlSeconds: 60, audience: [] }),
      )
      await throwsCode(
        'ERR_CONFIG',
        () => createSigner({ key: { id: 'k1' }, ...names, ttlSeconds: 60 }),
      )
      await throwsCode('ERR_CONFIG', () => createSigner({ key, ...names, ttlSeconds: 60, ttl: 5 }))
    },
  },
  {
    name: 'a cached result is the same frozen object, and is given only while it is valid',
    run() {
      const { signer, verifier } = pair()
      let now = nowMs
      const remembering = verifier({ clock: () => now, tokenCacheSize: 2 })
      const token = signer.sign({
        sub: 'user-1',
        nbf: nowMs / 1000 + 10,
        roles: [{ name: 'admin' }],
      }, { nowMs })
      const first = remembering.verify(token)
      ok(first === remembering.verify(fresh(token)), 'the same object for the same token')
      ok(
        [first, first.claims, first.claims.roles, first.claims.roles[0]].every(Object.isFrozen),
        'a deeply frozen result',
      )
      equal(Object.getPrototypeOf(first.claims), null, 'the prototype')
      for (
        const [at, code] of [
          [-20_001, 'ERR_TOKEN_CLAIM_INVALID'],
          [-20_000, undefined],
          [89_999, undefined],
          [90_000, 'ERR_TOKEN_EXPIRED'],
          [0, undefined],
        ]
      ) {
        now = nowMs + at
        equal(remembering.verify(token).code, code, `${at} ms`)
      }
      const others = ['a', 'b', 'c'].map((sub) => signer.sign({ sub }, { nowMs }))
      equal(
        others.map((one) => remembering.verify(one).claims.sub),
        ['a', 'b', 'c'],
        'more tokens than the cache holds',
      )
      equal(
        others.map((one) => remembering.verify(one).claims.sub),
        ['a', 'b', 'c'],
        'the same tokens again',
      )
      ok(remembering.verify(token) !== first, 'the oldest entry is evicted')
      const forgetful = verifier({ clock: () => now, tokenCacheSize: false })
      const [former, latter] = [forgetful.verify(token), forgetful.verify(token)]
      ok(former !== latter, 'two results without a cache')
      ok(!Object.isFrozen(forgetful.verify(token).claims), 'results that the caller can change')
    },
  },
  {
    name: 'a cached token of a retired key is rejected',
    run() {
      const { key, signer } = pair()
      let now = nowMs
      const verifier = createVerifier({
        keys: [{ ...key, retiredAtMs: nowMs + 10_000 }],
        ...names,
        clock: () => now,
      })
      const token = signer.sign({}, { nowMs })
      equal(verifier.verify(token).ok, true, 'before')
      now += 10_000
      equal(verifier.verify(token).code, 'ERR_TOKEN_UNKNOWN_KEY', 'after')
    },
  },
  {
    name: 'claims are parsed as JSON.parse parses them',
    async run() {
      const { signer, verifier } = pair()
      const plain = verifier({ tokenCacheSize: false })
      const spelled = String
        .raw`{"iss":"https:\/\/issuer.example","aud":"https://api.example","exp":1.75000006e9,"\u0061b":"\ud83d\ude00","n":-0}`
      const hmac = crypto.getRandomValues(new Uint8Array(32))
      const foreign = createVerifier({ keys: [{ id: 'k1', hmac }], ...names }).verify(
        await signedText(hmac, spelled),
        { nowMs },
      )
      equal([foreign.claims.ab, foreign.claims.exp, foreign.claims.iss], [
        '😀',
        1_750_000_060,
        names.issuer,
      ], 'claims with escapes')
      const odd = [
        '{"a":"","b":-0.5,"c":1e2,"d":true,"e":null,"f":[1,{"g":"x"}],"0":"zero","1":7,'
        + '"n":123456789012345,"m":9007199254740993}',
        '{"a\\u0062":"\\"\\\\\\u00e9","é":"ü","":"empty","x":{"y":{}}}',
        '{"__proto__":{"polluted":true},"constructor":"c","toString":"t","hasOwnProperty":1}',
        `{${Array.from({ length: 80 }, (_, n) => `"n${n}":${n}`).join(',')}}`,
        '{"n1":1,"n2":2}',
        '{"n2":2,"n1":1}',
        '{"n1":"a","n3":"b"}',
        '{ "spaced" : [ 1 , 2 ] , "t" : "a b" }',
      ]
      for (const text of odd) {
        const claims = JSON.parse(text)
        const read = plain.verify(signer.sign(claims, { nowMs }), { nowMs }).claims
        equal(
          Object.keys(read).filter((name) => !['iss', 'aud', 'iat', 'exp'].includes(name)).sort(),
          Object.keys(claims).sort(),
          'the names',
        )
        for (const name of Object.keys(claims)) equal(read[name], claims[name], name)
        equal(
          [Object.getPrototypeOf(read), Object.prototype.polluted],
          [null, undefined],
          'nothing inherited',
        )
      }
    },
  },
  {
    name: 'a verifier and a signer work after a trap, and reject every call after dispose',
    async run() {
      const { signer, verifier } = pair()
      const kept = verifier({ tokenCacheSize: false })
      for (const how of ['abort', 'stack', 'memory']) {
        await throwsCode('ERR_TRAP', () => forceTrap(how))
        equal(
          kept.verify(signer.sign({ sub: how }, { nowMs }), { nowMs }).claims.sub,
          how,
          'the subject after a trap',
        )
      }
      kept.dispose()
      signer.dispose()
      await throwsCode('ERR_DISPOSED', () => kept.verify('a.b.c'))
      await throwsCode('ERR_DISPOSED', () => signer.sign({}))
    },
  },
  {
    name: 'verifications and forgeries do not grow the memory of the core',
    run({ runtime }) {
      const count = runtime.thorough === true ? 1_000_000 : 20_000
      const { signer, verifier } = pair()
      const plain = verifier({ tokenCacheSize: false })
      const tokens = Array.from(
        { length: 100 },
        (_, n) => signer.sign({ sub: `user-${n}`, n }, { nowMs }),
      )
      const forged = tokens.map((token) => `${token.slice(0, -4)}AAAA`)
      const round = (times) => {
        for (let n = 0; n < times; n += 1) {
          if (
            !plain.verify(tokens[n % 100], { nowMs }).ok
            || plain.verify(forged[n % 100], { nowMs }).ok
          ) throw new Error('a wrong result')
        }
      }
      round(1000)
      const before = copyCoreMemory().length
      round(count)
      equal(copyCoreMemory().length - before, 0, `bytes after ${count} of each`)
      ok(before <= 4 * 1024 * 1024, `at most 4 MiB: ${before}`)
    },
  },
]
