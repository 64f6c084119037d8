// node differential/run.mjs [SEED [COUNT]]: portcullis must reject every token that jose rejects.
// differences.mjs lists the tokens that only portcullis rejects.
//
// Clocks show whole seconds, because jose counts in seconds and drops the rest. Between two seconds
// jose would reject a token that is already valid.
import { createLocalJWKSet, importJWK, jwtVerify } from 'jose'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { createJwksVerifier, createVerifier } from 'portcullis'
import { report } from '../runtimes/report.mjs'
import { DIFFERENCES } from './differences.mjs'
import { key, macWith } from './signing.mjs'
import { createRng, make, WAYS } from './tokens.mjs'

const SEED = Number(process.argv[2] ?? 20_250_615)
const COUNT = Number(process.argv[3] ?? 20_000)
/** 2025-06-15, in seconds. */
const NOW = 1_750_000_000
/** The number of failures that are shown in full. After ENOUGH failures the run ends. */
const SHOWN = 20
const ENOUGH = 1000

const ALGORITHMS = ['HS256', 'EdDSA', 'ES256']
/**
 * Ed25519 has two names (RFC 9864), and jose needs both in the list. The keys of jose have no alg,
 * which would allow only one name.
 */
const NAMES = { HS256: ['HS256'], EdDSA: ['EdDSA', 'Ed25519'], ES256: ['ES256'] }

/** The expectations. An undefined `typ` means JWT or none for portcullis, and any for jose. */
const POLICIES = [
  {
    typ: 'JWT',
    issuer: 'https://issuer.example',
    audiences: ['https://api.example'],
    leeway: 0,
    maxLifetime: 31_536_000,
  },
  {
    typ: 'at+jwt',
    issuer: 'https://issuer.example/realm',
    audiences: ['https://api.example', 'https://b.example'],
    leeway: 30,
    maxLifetime: 31_536_000,
    maxAge: 300,
    required: ['sub'],
  },
  { typ: undefined, issuer: 'joe', audiences: ['a'], leeway: 120, maxLifetime: 3600 },
]

let now = NOW
const ours = (policy) => ({
  issuer: policy.issuer,
  audience: policy.audiences,
  typ: policy.typ ?? ['JWT', null],
  leewaySeconds: policy.leeway,
  maxLifetimeSeconds: policy.maxLifetime,
  maxTokenAgeSeconds: policy.maxAge,
  requiredClaims: policy.required,
  tokenCacheSize: false,
  clock: () => now * 1000,
})
const theirs = (policy, algorithms) => ({
  algorithms,
  issuer: policy.issuer,
  audience: policy.audiences,
  clockTolerance: policy.leeway,
  currentDate: new Date(now * 1000),
  ...(policy.typ && { typ: policy.typ }),
  ...(policy.maxAge && { maxTokenAge: policy.maxAge }),
  ...(policy.required && { requiredClaims: policy.required }),
})

const KEYS = Object.fromEntries(
  ALGORITHMS.map((alg) => [alg, [key(alg, 'first'), key(alg, 'second')]]),
)

/**
 * Keys that a forger might have, and texts of the public key that were used as secrets elsewhere.
 */
function wrong({ alg, jwk, raw }) {
  const kinds = ALGORITHMS.filter((other) => other !== alg).map((other) => KEYS[other][0])
  const public_ = alg === 'HS256' ? ['', 'secret'] : [raw, JSON.stringify(jwk), jwk.x]
  return {
    same: [KEYS[alg][1], key(alg, 'a stranger')],
    kinds,
    macs: public_.map((secret) => macWith(secret)),
  }
}

/** One key, which both verifiers get. */
async function single(alg, policy) {
  const [first] = KEYS[alg]
  const verifyingKey = await importJWK(first.jwk, alg)
  const verifier = createVerifier({ keys: [{ id: 'k1', jwk: first.jwk }], ...ours(policy) })
  const issuer = {
    key: first,
    kid: { id: 'k1', other: 'k2', needed: false },
    policy,
    wrong: wrong(first),
  }
  return {
    name: alg,
    good: 0,
    issuers: [issuer],
    ids: ['k1'],
    verifier,
    ask: (token) => jwtVerify(token, verifyingKey, theirs(policy, NAMES[alg])),
  }
}

/** A JWKS from which both verifiers choose: two keys of one algorithm and one of another. */
function published(policy) {
  const memberNames = [['e1', KEYS.EdDSA[0]], ['e2', KEYS.EdDSA[1]], ['p1', KEYS.ES256[0]]]
  const set = { keys: memberNames.map(([kid, { jwk }]) => ({ ...jwk, kid, use: 'sig' })) }
  const choose = createLocalJWKSet(set)
  const issuers = memberNames.map(([id, made]) => ({
    key: made,
    kid: { id, other: id === 'p1' ? 'e1' : 'p1', needed: id !== 'p1' },
    policy,
    wrong: { ...wrong(made), same: [key(made.alg, 'a stranger')] },
  }))
  return {
    name: 'a set',
    good: 0,
    issuers,
    ids: memberNames.map(([id]) => id),
    verifier: createJwksVerifier(set, ours(policy)),
    ask: (token) => jwtVerify(token, choose, theirs(policy, [...NAMES.EdDSA, ...NAMES.ES256])),
  }
}

const result = { passed: 0, failed: [], skipped: [] }
const seen = new Map([
  ...DIFFERENCES.map(({ name }) => [name, 0]),
  ...WAYS.map(([name]) => [name, 0]),
])
const count = (name) => seen.set(name, (seen.get(name) ?? 0) + 1)

/** The contradiction of two results for one token, or `undefined`. */
function judged(mine, jose, facts) {
  if (mine.ok && jose === undefined) return 'jose rejects this token, and portcullis accepts it'
  if (mine.ok !== (jose !== undefined)) {
    return isListedDifference(mine.code, facts)
      ? undefined
      : `only portcullis rejects it, with ${mine.code}, and differences.mjs has no reason`
  }
  count(mine.ok ? 'accepted by both' : 'rejected by both')
  return mine.ok && !isDeepStrictEqual({ ...mine.claims }, jose)
    ? `portcullis reads ${JSON.stringify(mine.claims)}, and jose ${JSON.stringify(jose)}`
    : undefined
}

function isListedDifference(code, { token, ...facts }) {
  const [header, claims] = token.split('.', 2).map((segment) =>
    JSON.parse(new TextDecoder().decode(Buffer.from(segment, 'base64url')))
  )
  const known = DIFFERENCES.filter((one) =>
    one.code === code && one.when({ token, header, claims, ...facts })
  )
  known.forEach(({ name }) => count(name))
  count('rejected by portcullis only')
  return known.length > 0
}

const draw = createRng(SEED)
const verifiers = [
  ...(await Promise.all(
    POLICIES.flatMap((policy) => ALGORITHMS.map((alg) => single(alg, policy))),
  )),
  ...POLICIES.map(published),
]
const fail = (name, message) =>
  result.failed.push({
    name,
    message: result.failed.length < SHOWN ? message : message.split('\n', 1)[0],
  })

for (let n = 0; n < COUNT && result.failed.length < ENOUGH; n += 1) {
  const asked = draw.pick(verifiers)
  const { name, issuers, ids, verifier, ask } = asked
  now = NOW + draw.below(1_000_000)
  const issuer = draw.pick(issuers)
  const { token, ways } = make({ ...issuer, now }, draw)
  ways.forEach((way) => count(way.replace(/ \(.*/, '')))
  try {
    const jose = await ask(token).then(({ payload }) => payload, () => undefined)
    const message = judged(verifier.verify(token), jose, {
      token,
      ways,
      policy: issuer.policy,
      ids,
      now,
    })
    if (jose !== undefined) asked.good += 1
    if (message === undefined) result.passed += 1
    else {fail(
        `token ${n} for ${name} (${ways.join('; ') || 'good'})`,
        `${message}\nnow ${now}, policy ${JSON.stringify(issuer.policy)}\n${token}`,
      )}
  } catch (error) {
    fail(`token ${n} for ${name} (${ways.join('; ')})`, `${error.stack}\n${token}`)
  }
}

const whole = result.failed.length < ENOUGH
if (whole) {
  for (const { name } of DIFFERENCES) {
    if (seen.get(name) === 0) {
      fail(name, 'differences.mjs lists this difference, but it did not occur: remove the entry')
    }
  }
  for (const [name] of WAYS) {
    if (seen.get(name) === 0) fail(name, 'no token was changed in this way')
  }
  // A verifier that rejects every token would pass all checks.
  for (const { name, good } of verifiers) {
    if (good < COUNT / 100) {
      fail(
        `good tokens for ${name}`,
        `jose accepts only ${good} of ${COUNT} tokens, which are too few`,
      )
    }
  }
}

console.log(`seed ${SEED}, ${COUNT} tokens${whole ? '' : `: stopped after ${ENOUGH} failures`}`)
for (
  const name of [
    'accepted by both',
    'rejected by both',
    'rejected by portcullis only',
    ...DIFFERENCES.map((one) => one.name),
  ]
) console.log(`${String(seen.get(name) ?? 0).padStart(6)} ${name}`)
const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/jose/package.json', import.meta.url), 'utf8'),
)
const good = report({ suite: 'differential', engine: 'jose', version, ...result })
process.exitCode = good ? 0 : 1
