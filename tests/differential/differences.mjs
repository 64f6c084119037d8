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
    reason: 'RFC 7515 section 2 allows no padding, no white space and no other bits after the last '
      + 'byte. Each of these would give one token several texts, which a list of revoked tokens '
      + 'would miss',
  },
  {
    code: 'ERR_TOKEN_MALFORMED',
    name: 'over 8192 bytes',
    when: ({ token }) => token.length > 8192,
    reason: 'a limit on the work that an attacker can cause',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a name besides alg, typ and kid',
    when: ({ header }) => Object.keys(header).some((name) => !MADE.has(name)),
    reason: 'an unknown header may have a meaning for its issuer (RFC 8725 section 3.10). This '
      + 'includes b64, crit, jku, jwk and zip, even if jose knows or ignores them',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a kid that is not a string',
    when: ({ header }) =>
      Object.hasOwn(header, 'kid') && (typeof header.kid !== 'string' || isBroken(header.kid)),
    reason: 'RFC 7515 section 4.1.4; jose got the key directly and does not check the kid',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a kid over 128 bytes',
    when: ({ header }) => typeof header.kid === 'string' && Buffer.byteLength(header.kid) > 128,
    reason: 'no key of portcullis can have such an ID',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a typ that is not a string',
    when: ({ header, policy }) =>
      policy.typ === undefined && Object.hasOwn(header, 'typ')
      && (typeof header.typ !== 'string' || isBroken(header.typ)),
    reason: 'RFC 7515 section 4.1.9; jose checks typ only if one is expected',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a name twice in the header',
    when: did('header: a name twice'),
    reason: 'RFC 7515 section 4: two parsers may read different headers',
  },
  {
    code: 'ERR_TOKEN_HEADER',
    name: 'a byte order mark before the header',
    when: ({ token }) => begins(token.split('.')[0]),
    reason: 'RFC 8259 section 8.1 forbids a byte order mark; TextDecoder drops it',
  },
  {
    code: 'ERR_TOKEN_UNKNOWN_KEY',
    name: 'the name of another key',
    when: ({ header, ids }) => typeof header.kid === 'string' && !ids.includes(header.kid),
    reason: 'a token with the kid of another key was not made with this key; jose got the key '
      + 'directly and does not check the kid',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'a name twice in the claims',
    when: did('claims: a name twice'),
    reason: 'RFC 7519 section 4: two parsers may read different claims',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'nesting over 64',
    when: ({ claims }) => depth(claims) > 64,
    reason: 'a limit on the work that an attacker can cause; other parsers have other limits',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'half of a surrogate pair',
    when: ({ claims }) => values(claims).some(isBroken),
    reason: 'RFC 7493 section 2.1: the string is not valid text, and parsers read it differently',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'a number that reaches 10^308',
    when: ({ token }) => reaches(textOf(token.split('.')[1])),
    reason: 'most such numbers exceed a double (RFC 7493 section 2.2), and JSON.parse reads these '
      + 'as Infinity, so that an exp never comes. The limit applies to the spelling, which '
      + 'needs no arithmetic',
  },
  {
    code: 'ERR_TOKEN_CLAIMS_JSON',
    name: 'a byte order mark before the claims',
    when: ({ token }) => begins(token.split('.')[1]),
    reason: 'RFC 8259 section 8.1 forbids a byte order mark; TextDecoder drops it',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'no exp',
    when: ({ claims }) => !Object.hasOwn(claims, 'exp'),
    reason: 'a token without exp never expires; jose requires exp only if requiredClaims has it',
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
    reason: 'one of the two clocks is wrong; jose checks iat only with maxTokenAge',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'a date before 1970',
    when: ({ claims }) => ['nbf', 'iat'].some((name) => isNegative(claims[name])),
    reason: 'no issuer intends such a date; -0 is spelled like one',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'a sub or jti that is not a string',
    when: ({ claims }) =>
      TEXTS.some((name) => Object.hasOwn(claims, name) && typeof claims[name] !== 'string'),
    reason:
      'RFC 7519 sections 4.1.2 and 4.1.7: an application that reads 7 as "7" signs in another user',
  },
  {
    code: 'ERR_TOKEN_CLAIM_INVALID',
    name: 'an aud with a value that is not a string',
    when: ({ claims }) =>
      Array.isArray(claims.aud) && claims.aud.some((one) => typeof one !== 'string'),
    reason: 'RFC 7519 section 4.1.3; jose searches only for the expected value',
  },
  {
    code: 'ERR_TOKEN_EXPIRED',
    name: 'an exp that is less than a millisecond ahead',
    when: ({ claims, policy, now }) => claims.exp + policy.leeway - now < 0.001,
    reason: 'portcullis rounds times down to milliseconds, so that the token ends earlier',
  },
  {
    code: 'ERR_TOKEN_TYPE',
    name: 'a typ in another spelling',
    when: ({ header, policy }) =>
      policy.typ !== undefined && typeof header.typ === 'string' && header.typ !== policy.typ
      && essence(header.typ) === essence(policy.typ),
    reason: 'typ is compared exactly, as every issuer writes it; jose ignores its case and adds '
      + 'application/',
  },
  {
    code: 'ERR_TOKEN_TYPE',
    name: 'an unexpected typ',
    when: ({ header, policy }) =>
      policy.typ === undefined && typeof header.typ === 'string' && header.typ !== 'JWT',
    reason: 'a token for another purpose (RFC 8725 section 3.11); portcullis always expects a typ, '
      + 'and jose only if told',
  },
]
