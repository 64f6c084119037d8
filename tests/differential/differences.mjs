// All tokens that jose accepts and portcullis rejects, with the reasons. Each entry recognises its
// tokens. Each entry must occur in a run, and no other difference may.
//
// `when` gets { ways, token, header, claims, policy, ids, now }: header and claims as JSON.parse
// reads them, now in seconds.

const MADE = new Set(['alg', 'typ', 'kid'])
const TEXTS = ['sub', 'jti']

const values = (
  value,
) => (typeof value === 'object' && value !== null
  ? [value, ...Object.entries(value).flatMap(([name, inner]) => [name, ...values(inner)])]
  : [value])
const depth = (
  value,
) => (typeof value === 'object' && value !== null
  ? 1 + Math.max(0, ...Object.values(value).map(depth))
  : 0)
const isBroken = (value) => typeof value === 'string' && !value.isWellFormed()
/** Numbers as they are written: 0e400 is zero, but as large as 1e400. Strings are removed first. */
const reaches = (text) =>
  [...text.replace(/"(\\.|[^"\\])*"/g, '').matchAll(/(\d+)(?:\.\d+)?(?:[eE]([+-]?\d+))?/g)].some((
    [, whole, exponent = '0'],
  ) => whole.length + Number(exponent) > 308)
const isNegative = (value) => typeof value === 'number' && (value < 0 || Object.is(value, -0))
const essence = (typ) => (typ.includes('/') ? typ : `application/${typ}`).toLowerCase()
const textOf = (segment) => Buffer.from(segment, 'base64url').toString()
const begins = (segment) =>
  Buffer.from(segment, 'base64url').subarray(0, 3).toString('hex') === 'efbbbf'
const did = (way) => ({ ways }) => ways.includes(way)

export const DIFFERENCES = [
  {
    code: 'ERR_TOKEN_MALFORMED',
    name: 'base64url in a second spelling',
    when: ({ token }) =>
      token.split('.').some((segment) =>
        Buffer.from(segment, 'base64url').toString('base64url') !== segment
      ),
    reason:
      'RFC 7515 section 2 allows no padding, no white space and no other bits behind the last byte; each would give one token several texts, and lists of revoked texts a hole',
  },
  {
    code: 'ERR_TOKEN_MALFORMED',
    name: 'over 8192 bytes',
    when: ({ token }) => token.length > 8192,
    reason: 'a bound on the work that a stranger can ask for',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a name besides alg, typ and kid',
    when: ({ header }) => Object.keys(header).some((name) => !MADE.has(name)),
    reason:
      'what is not read here may mean something to its issuer (RFC 8725 section 3.10): b64, crit, jku, jwk and zip among them, also where jose knows them or need not look',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a kid that is no string',
    when: ({ header }) =>
      Object.hasOwn(header, 'kid') && (typeof header.kid !== 'string' || isBroken(header.kid)),
    reason: 'RFC 7515 section 4.1.4; jose was handed the key and does not look',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a kid over 128 bytes',
    when: ({ header }) => typeof header.kid === 'string' && Buffer.byteLength(header.kid) > 128,
    reason: 'no key can have such a name here',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a typ that is no string',
    when: ({ header, policy }) =>
      policy.typ === undefined && Object.hasOwn(header, 'typ')
      && (typeof header.typ !== 'string' || isBroken(header.typ)),
    reason: 'RFC 7515 section 4.1.9; jose looks only where a typ is asked for',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a name twice in the header',
    when: did('header: a name twice'),
    reason: 'RFC 7515 section 4: two readers would read two headers',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a byte order mark before the header',
    when: ({ token }) => begins(token.split('.')[0]),
    reason: 'RFC 8259 section 8.1 forbids to write one; TextDecoder drops it',
  },
  {
    code: 'ERR_TOKEN_UNKNOWN_KEY',
    name: 'the name of another key',
    when: ({ header, ids }) => typeof header.kid === 'string' && !ids.includes(header.kid),
    reason:
      'a token that names another key was not made with this one; jose was handed the key and does not look',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'a name twice in the claims',
    when: did('claims: a name twice'),
    reason: 'RFC 7519 section 4: two readers would read two sets of claims',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'nesting over 64',
    when: ({ claims }) => depth(claims) > 64,
    reason: 'a bound on the work that a stranger can ask for; other readers stop at other depths',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'half of a surrogate pair',
    when: ({ claims }) => values(claims).some(isBroken),
    reason: 'RFC 7493 section 2.1: it is no text, and every reader makes something else of it',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'a number that reaches 10^308',
    when: ({ token }) => reaches(textOf(token.split('.')[1])),
    reason:
      'most are beyond a double (RFC 7493 section 2.2), and JSON.parse makes Infinity of those: an exp that never comes. The bound is on the spelling, which needs no arithmetic',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'a byte order mark before the claims',
    when: ({ token }) => begins(token.split('.')[1]),
    reason: 'RFC 8259 section 8.1 forbids to write one; TextDecoder drops it',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'no exp',
    when: ({ claims }) => !Object.hasOwn(claims, 'exp'),
    reason:
      'a token without an end is good for ever; jose asks for exp only where requiredClaims says so',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'an exp that is too far ahead',
    when: ({ claims, policy, now }) => claims.exp > now + policy.leeway + policy.maxLifetime,
    reason: 'maxLifetimeSeconds, a year by default; jose has no such option',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'an iat in the future',
    when: ({ claims, policy, now }) =>
      policy.maxAge === undefined && claims.iat > now + policy.leeway,
    reason: 'one of two clocks is wrong; jose looks only where maxTokenAge is asked for',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'a date before 1970',
    when: ({ claims }) => ['nbf', 'iat'].some((name) => isNegative(claims[name])),
    reason: 'no issuer means it; -0 is spelled like one',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'a sub or jti that is no string',
    when: ({ claims }) =>
      TEXTS.some((name) => Object.hasOwn(claims, name) && typeof claims[name] !== 'string'),
    reason: 'RFC 7519 sections 4.1.2 and 4.1.7: whoever takes 7 for "7" signs in somebody else',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'an aud with something that is no string',
    when: ({ claims }) =>
      Array.isArray(claims.aud) && claims.aud.some((one) => typeof one !== 'string'),
    reason: 'RFC 7519 section 4.1.3; jose looks for the one it wants',
  },
  {
    code: 'ERR_TOKEN_EXPIRED',
    name: 'an exp that is less than a millisecond ahead',
    when: ({ claims, policy, now }) => claims.exp + policy.leeway - now < 0.001,
    reason:
      'times are milliseconds here, and what is finer is cut off: the token ends that much earlier',
  },
  {
    code: 'ERR_TOKEN_TYPE',
    name: 'a typ in another spelling',
    when: ({ header, policy }) =>
      policy.typ !== undefined && typeof header.typ === 'string' && header.typ !== policy.typ
      && essence(header.typ) === essence(policy.typ),
    reason:
      'typ is compared exactly, as every issuer writes it; jose lowers its case and puts application/ in front',
  },
  {
    code: 'ERR_TOKEN_TYPE',
    name: 'a typ that was not asked for',
    when: ({ header, policy }) =>
      policy.typ === undefined && typeof header.typ === 'string' && header.typ !== 'JWT',
    reason:
      'a token of another purpose (RFC 8725 section 3.11): there is always an answer to what is accepted here, also where jose is not asked',
  },
]
