// Tokens for the differential run: valid ones, and changes at every stage of verification. A seed
// always makes the same tokens.

/** The random number generator mulberry32, which gives the same numbers everywhere. */
export function createRng(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count) => Math.floor(next() * count)
  return {
    below,
    pick: (list) => list[below(list.length)],
    chance: (share) => next() < share,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}

export const encode = (bytes) => Buffer.from(bytes).toString('base64url')
const json = (value) => JSON.stringify(value)

/** Members are texts, so that a name can occur twice and a number can have any spelling. */
const put = (members, name, text) => {
  const found = members.find((member) => member[0] === json(name))
  if (found) found[1] = text
  else members.push([json(name), text])
}
const drop = (members, name) =>
  members.splice(0, members.length, ...members.filter((member) => member[0] !== json(name)))
const isTwice = (members) =>
  new Set(members.map(([name]) => JSON.parse(name))).size < members.length
const text = (members) => `{${members.map((member) => member.join(':')).join(',')}}`

/** A valid token as a plan, which the changes below modify. */
function plan({ key, kid, policy, now, wrong }, { below, pick, chance }) {
  const header = [['"alg"', json(key.alg)]]
  if (policy.typ !== undefined || chance(0.7)) header.push(['"typ"', json(policy.typ ?? 'JWT')])
  if (kid.needed || chance(0.7)) header.push(['"kid"', json(kid.id)])
  const claims = [['"iss"', json(policy.issuer)], [
    '"aud"',
    json(pick([policy.audiences[0], policy.audiences, ['x', policy.audiences.at(-1)]])),
  ]]
  claims.push(['"sub"', json(`user-${below(1e6)}`)], ['"iat"', `${now - below(100)}`], [
    '"exp"',
    `${now + 1 + below(3000)}`,
  ])
  claims.push(
    ...pick([[], [['"nbf"', `${now - below(50)}`]], [['"jti"', '"j"']], [['"role"', '"admin"'], [
      '"ü"',
      '["é",{"n":null,"0":-1.5e3}]',
    ]]]),
  )
  const same = (value) => value
  return {
    key,
    kid,
    policy,
    now,
    wrong,
    header,
    claims,
    headerText: same,
    claimsText: same,
    spell: { header: same, payload: same, signature: same },
    sign: key.sign,
    whole: same,
  }
}

function written({ header, claims, headerText, claimsText, spell, sign, whole }) {
  const message = `${spell.header(encode(headerText(text(header))))}.${
    spell.payload(encode(claimsText(text(claims))))
  }`
  return whole(`${message}.${spell.signature(encode(sign(message)))}`)
}

const ANY = [
  'null',
  'true',
  '7',
  '-1',
  '"x"',
  '""',
  '[]',
  '{}',
  '["x"]',
  '{"a":1}',
  '1e999',
  '"\\ud800"',
]
const NO_OBJECT = [
  '',
  '{',
  '[]',
  'null',
  'true',
  '7',
  '"x"',
  '{}{}',
  '{"a":1,}',
  "{'a':1}",
  '{a:1}',
  '{"a":01}',
  '{"a":1}//',
  '[{"a":1}]',
]
const DEEP = (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const NOT_UTF8 = ['ff', 'c080', 'eda080', 'f5808080', 'e282'].map((hex) => Buffer.from(hex, 'hex'))
const SPACE = [' ', '\n', '\t', '\r\n']
const insert = (where, what, at) => where.slice(0, at) + what + where.slice(at)
const raw = (bytes) => (given) =>
  Buffer.concat([
    Buffer.from(given.slice(0, -1)),
    Buffer.from(',"raw":"'),
    bytes,
    Buffer.from('"}'),
  ])
const shuffle = (members, { below }) =>
  members.forEach((_, at) => members.push(...members.splice(below(members.length - at), 1)))

/** Replaces the last character: the same bytes in a spelling that is not canonical. */
const trailing = (given) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return given.length % 4 === 0
    ? given
    : given.slice(0, -1) + alphabet[alphabet.indexOf(given.at(-1)) + 1]
}

const HEADER = {
  'another name': ({ header }, { pick }) =>
    put(
      header,
      pick([
        'cty',
        'jku',
        'jwk',
        'x5u',
        'x5c',
        'x5t',
        'zip',
        'enc',
        'nonce',
        'url',
        'Alg',
        'ALG',
        'KID',
        '',
        'x',
        '__proto__',
        'constructor',
      ]),
      pick(ANY),
    ),
  'critical names': ({ header }, { pick, chance }) => {
    put(
      header,
      'crit',
      pick([
        '[]',
        'null',
        'true',
        '"exp"',
        '["exp"]',
        '["alg"]',
        '["typ","kid"]',
        '["x"]',
        '["b64"]',
        '["b64","b64"]',
        '[7]',
        '[""]',
        '{}',
        '["__proto__"]',
      ]),
    )
    if (chance(0.6)) put(header, pick(['x', 'exp', 'b64']), pick(['true', 'false', '"x"']))
  },
  b64: ({ header }, { pick, chance }) => {
    put(header, 'b64', pick(['true', 'false', 'null', '"false"']))
    if (chance(0.5)) put(header, 'crit', '["b64"]')
  },
  'no alg': ({ header }) => drop(header, 'alg'),
  'another alg': ({ header, key }, { pick }) =>
    put(
      header,
      'alg',
      json(
        pick([
          'none',
          'None',
          'HS256',
          'EdDSA',
          'Ed25519',
          'ES256',
          'HS384',
          'HS512',
          'RS256',
          'PS256',
          'ES384',
          'ES512',
          'ES256K',
          'Ed448',
          'ML-DSA-44',
          '',
          ' ',
          key.alg.toLowerCase(),
          ` ${key.alg}`,
          `${key.alg}\0`,
        ]),
      ),
    ),
  'alg of another type': ({ header, key }, { pick }) =>
    put(header, 'alg', pick([...ANY, json([key.alg])])),
  'names with escapes': ({ header }, { pick }) => {
    const member = pick(header)
    member[pick([0, 1])] = member[0].replace(
      /^"./,
      (start) => `"\\u00${start.charCodeAt(1).toString(16)}`,
    )
    if (!member[1].startsWith('"')) return
    member[1] = member[1].replace(/[A-Z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
  },
  'values with escapes': ({ header }) =>
    header.forEach((
      member,
    ) => (member[1] = member[1].replace(
      /[a-zA-Z]/g,
      (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`,
    ))),
  'no kid': ({ header }) => drop(header, 'kid'),
  'another kid': ({ header, kid }, { pick }) =>
    put(
      header,
      'kid',
      json(
        pick([
          'k9',
          '',
          kid.other,
          kid.id.toUpperCase(),
          ` ${kid.id}`,
          `${kid.id} `,
          `../${kid.id}`,
          `${kid.id}\0`,
          'x'.repeat(128),
          '__proto__',
          'ü',
        ]),
      ),
    ),
  'kid too long': ({ header }, { pick }) =>
    put(header, 'kid', json(pick(['k'.repeat(129), 'ü'.repeat(65), 'k'.repeat(2000)]))),
  'kid of another type': ({ header, kid }, { pick }) =>
    put(header, 'kid', pick(['null', 'true', '7', '{}', '[]', json([kid.id]), '"\\udc00"'])),
  'no typ': ({ header }) => drop(header, 'typ'),
  'another typ': ({ header }, { pick }) =>
    put(header, 'typ', json(pick(['JWT', 'at+jwt', 'dpop+jwt', '', 'JOSE', 'JWT ', 'jwt+x']))),
  'typ in another spelling': ({ header, policy }, { pick }) =>
    put(
      header,
      'typ',
      json(
        pick([(typ) => typ.toLowerCase(), (typ) =>
          typ.toUpperCase(), (typ) =>
          `application/${typ}`, (typ) =>
          `APPLICATION/${typ}`])(policy.typ ?? 'JWT'),
      ),
    ),
  'typ of another type': ({ header, policy }, { pick }) =>
    put(header, 'typ', pick([...ANY, json([policy.typ ?? 'JWT'])])),
  'a name twice': ({ header, key }, { pick }) =>
    header.splice(
      pick([0, header.length]),
      0,
      pick([
        ['"alg"', json(key.alg)],
        ['"alg"', '"none"'],
        ['"typ"', '"JWT"'],
        ['"typ"', '"at+jwt"'],
        ['"kid"', '"k"'],
        ['"\\u0061lg"', json(key.alg)],
      ]),
    ),
  'nested deeply': ({ header }, { pick }) => put(header, 'x', DEEP(pick([10, 63, 64, 65, 500]))),
  'no object': (token, { pick }) => (token.headerText = () => pick(NO_OBJECT)),
  'a byte order mark': (token) => (token.headerText = (given) => `\ufeff${given}`),
  'white space between': (
    token,
    { pick },
  ) => (token.headerText = (given) =>
    pick(SPACE) + given.replace(/[{:,}]/g, (sign) => sign + pick(SPACE))),
  'something behind': (
    token,
    { pick },
  ) => (token.headerText = (given) => given + pick(['x', '}', ',', '{}', '\0', '\u00a0'])),
  'no UTF-8': (token, { pick }) => (token.headerText = raw(pick(NOT_UTF8))),
  'another order': (token, draw) => shuffle(token.header, draw),
}

/** Times around the beginning or the end of the validity, in seconds. */
const OFF = [-3600, -31, -30, -1, -0.5, -0.001, 0, 0.001, 0.5, 1, 30, 31, 3600]
/** Fractions that are finer than the clock, which counts milliseconds. */
const FINE = [-0.0004, 0.0004]
const dated = (name, edge, off = OFF) => ({ claims, now, policy }, { pick }) =>
  put(claims, name, spelled(edge({ now, policy }) + pick(off), pick))
const spelled = (seconds, pick) => {
  const plain = Number.isInteger(seconds) ? `${seconds}` : seconds.toFixed(4)
  return pick([
    plain,
    plain,
    plain,
    Number.isInteger(seconds) ? `${seconds}.0` : `${plain}0`,
    Number.isInteger(seconds) ? `${seconds}00e-2` : plain,
    `${(seconds / 1e9).toFixed(13)}E+9`,
  ])
}

const CLAIMS = {
  'a claim missing': ({ claims }, { pick }) =>
    drop(claims, pick(['iss', 'aud', 'sub', 'iat', 'exp'])),
  'no exp': ({ claims }) => drop(claims, 'exp'),
  'a claim of another type': ({ claims }, { pick }) =>
    put(claims, pick(['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'nbf']), pick(ANY)),
  'a claim in a list': ({ claims, policy, now }, { pick }) =>
    put(
      claims,
      ...pick([
        ['iss', json([policy.issuer])],
        ['iss', json(['https://attacker.example', policy.issuer])],
        ['sub', '["root"]'],
        ['exp', `[${now + 60}]`],
        ['nbf', `[${now}]`],
      ]),
    ),
  'a date in a string': ({ claims, now }, { pick }) =>
    put(claims, pick(['exp', 'nbf', 'iat']), json(`${now + pick([-60, 0, 60])}`)),
  'another iss': ({ claims, policy }, { pick }) =>
    put(
      claims,
      'iss',
      json(
        pick([
          '',
          `${policy.issuer}/`,
          ` ${policy.issuer}`,
          policy.issuer.toUpperCase(),
          policy.issuer.slice(0, -1),
          `${policy.issuer}\0`,
        ]),
      ),
    ),
  'another aud': ({ claims, policy }, { pick }) =>
    put(
      claims,
      'aud',
      json(
        pick([
          '',
          'x',
          [],
          [''],
          ['x', 'y'],
          `${policy.audiences[0]} `,
          [policy.audiences[0].toUpperCase()],
          [policy.audiences],
          { 0: policy.audiences[0] },
        ]),
      ),
    ),
  'an aud of several types': ({ claims, policy }, { pick }) =>
    put(
      claims,
      'aud',
      json(
        pick([[policy.audiences[0], 7], [null, policy.audiences[0]], [policy.audiences[0], ['x']], [
          {},
          policy.audiences[0],
        ]]),
      ),
    ),
  'exp at the edge': dated('exp', ({ now, policy }) => now - policy.leeway),
  'nbf at the edge': dated('nbf', ({ now, policy }) => now + policy.leeway),
  'iat at the edge': dated('iat', ({ now, policy }) => now + policy.leeway),
  'exp less than a millisecond off': dated('exp', ({ now, policy }) => now - policy.leeway, FINE),
  'nbf less than a millisecond off': dated('nbf', ({ now, policy }) => now + policy.leeway, FINE),
  'iat less than a millisecond off': dated('iat', ({ now, policy }) => now + policy.leeway, FINE),
  'iat at the longest age': dated(
    'iat',
    ({ now, policy }) => now - policy.leeway - (policy.maxAge ?? 300),
  ),
  'exp at the longest lifetime': dated(
    'exp',
    ({ now, policy }) => now + policy.leeway + policy.maxLifetime,
  ),
  'a date out of the world': ({ claims }, { pick }) =>
    put(
      claims,
      pick(['exp', 'nbf', 'iat']),
      pick([
        '-1',
        '-0',
        '-0.5',
        '0',
        '0e9',
        '1e-400',
        '-1e308',
        '1e15',
        '1e308',
        '1e309',
        '253402300799',
        '253402300800',
        '9'.repeat(310),
        '9007199254740993',
        '1e99999',
        '0.000001e16',
      ]),
    ),
  'a name twice': ({ claims, now }, { pick }) =>
    claims.splice(
      pick([0, claims.length]),
      0,
      pick([
        ['"sub"', '"root"'],
        ['"\\u0073ub"', '"root"'],
        ['"exp"', `${now + 60}`],
        ['"x"', '{"a":1,"a":1}'],
        ['"x"', '[{"b":{"":1,"":2}}]'],
        ['"x"', '{"__proto__":1,"__proto__":2}'],
      ]),
    ),
  'nested deeply': ({ claims }, { pick }) =>
    put(
      claims,
      'x',
      pick([(depth) => DEEP(depth), (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`])(
        pick([10, 62, 63, 64, 65, 300]),
      ),
    ),
  'a number in any spelling': ({ claims }, { pick }) =>
    put(
      claims,
      'x',
      pick([
        '1e308',
        '1e309',
        '-1e999',
        '1E400',
        '9'.repeat(308),
        '9'.repeat(400),
        '1e-999',
        '0e400',
        '-0',
        '0.1e1',
        '1.7976931348623157e308',
        '1.7976931348623159e308',
        '123456789012345678901234567890',
        '999999999999999',
        '9999999999999999',
        '01',
        '+1',
        '.5',
        '1.',
        'NaN',
        'Infinity',
        '0x1',
      ]),
    ),
  'any character': ({ claims }, { pick }) =>
    put(
      claims,
      pick(['x', 'sub', 'ü', '\u{1f600}', '', 'a b', '"', '\\', '\0']),
      pick([
        '"\u{1f600}"',
        '"\\ud83d\\ude00"',
        '"\\u0000"',
        '"\\ud800"',
        '"a\\udc00b"',
        '"\\ude00\\ud83d"',
        '"\ufffe\uffff"',
        '"\u202e"',
        '"\u007f\u0085\u2028"',
        '"\t"',
        '"\0"',
        '"\\x"',
        '"\\u12"',
        '"\\/\\b"',
        '"é"',
        '"\ufeff"',
      ]),
    ),
  'a name of the prototype': ({ claims }, { pick }) =>
    put(
      claims,
      pick(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0']),
      pick(['null', '1', '"x"', '{"iss":"x"}', '[]']),
    ),
  'names with escapes': ({ claims }, { pick }) => {
    const member = pick(claims)
    member[0] = member[0].replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
  },
  'no object': (
    token,
    { pick },
  ) => (token.claimsText = (given) => pick([...NO_OBJECT, `[${given}]`, json(given)])),
  'a byte order mark': (token) => (token.claimsText = (given) => `\ufeff${given}`),
  'white space between': (
    token,
    { pick },
  ) => (token.claimsText = (given) =>
    pick(SPACE) + given.replace(/[{:,}](?=[^/]*$)/g, (sign) => sign + pick(SPACE))),
  'something behind': (
    token,
    { pick },
  ) => (token.claimsText = (given) => given + pick(['x', '}', ',', '{}', '\0', '\u00a0'])),
  'no UTF-8': (token, { pick }) => (token.claimsText = raw(pick(NOT_UTF8))),
  'many bytes': ({ claims }, { below }) => put(claims, 'x', json('x'.repeat(5000 + below(2000)))),
  'another order': (token, draw) => shuffle(token.claims, draw),
}

const SEGMENTS = ['header', 'payload', 'signature']
const spelling = (change) => (token, draw) => {
  const segment = draw.pick(SEGMENTS)
  token.spell[segment] = (given) => change(given, draw)
}

/** The signature covers the written form, so that only the form is wrong. */
const SPELLING = {
  'with padding': spelling((given, { pick }) =>
    given.padEnd(Math.ceil(given.length / 4) * 4 + pick([0, 0, 0, 1]), '=')
  ),
  'with white space': spelling((given, { pick, below }) =>
    insert(
      given,
      pick([...SPACE, '\f', '\v', '\u00a0']),
      pick([0, below(given.length + 1), given.length]),
    )
  ),
  'with trailing bits': spelling(trailing),
  'in the other alphabet': spelling((
    given,
  ) => (/[-_]/.test(given)
    ? given.replaceAll('-', '+').replaceAll('_', '/')
    : insert(given, '++++', 0))
  ),
  'with a strange character': spelling((given, { pick, below }) =>
    insert(given, pick(['%', '*', '\0', 'ü', '\u{1f600}', '"', ',', '~']), below(given.length + 1))
  ),
  'one character longer': spelling((given, { pick }) => given + pick(['A', '-', '9'])),
  'one character shorter': spelling((given) => given.slice(0, -1)),
}

const SIGNATURE = {
  'made in another way': (token, { pick }) => {
    const [name, sign] = pick(Object.entries(token.key.odd))
    token.sign = sign
    return name
  },
  'of another key': (token, { pick }) => (token.sign = pick(token.wrong.same).sign),
  'of a key of another kind': (token, { pick }) => {
    const other = pick(token.wrong.kinds)
    token.sign = other.sign
    if (pick([true, false])) put(token.header, 'alg', json(other.alg))
  },
  'a MAC with the public key': (token, { pick }) => {
    token.sign = pick(token.wrong.macs)
    put(token.header, 'alg', '"HS256"')
  },
  'of another message': (token, { pick }) => {
    const { sign } = token
    token.sign = (message) =>
      sign(
        pick([
          `${message}.`,
          message.toLowerCase(),
          message.split('.').at(-1),
          'x',
          `${message}\n`,
        ]),
      )
  },
  'with a flipped bit': (token, { below }) => {
    const { sign } = token
    token.sign = (message) => {
      const made = Uint8Array.from(sign(message))
      const bit = below(made.length * 8)
      made[bit >> 3] ^= 1 << (bit & 7)
      return made
    }
  },
  cut: (token, { below }) => {
    const { sign } = token
    token.sign = (message) => sign(message).subarray(0, below(64))
  },
  longer: (token, { bytes, below, pick }) => {
    const { sign } = token
    token.sign = (message) =>
      Buffer.concat(
        pick([[sign(message), bytes(1 + below(64))], [Buffer.of(0), sign(message)], [
          sign(message),
          sign(message),
        ]]),
      )
  },
  random: (
    token,
    { bytes, pick },
  ) => (token.sign = () => bytes(pick([0, 1, 31, 32, 63, 64, 65, 96]))),
  'all alike': (
    token,
    { pick },
  ) => (token.sign = () => Buffer.alloc(pick([0, 32, 64]), pick([0, 1, 255]))),
}

const whole =
  (change) => (token, draw) => (token.whole = (given) => change(given, draw, given.split('.')))
const WHOLE = {
  'segments in another order': whole((_, { pick }, [a, b, c]) =>
    pick([[b, a, c], [c, b, a], [a, c, b]]).join('.')
  ),
  'a segment dropped': whole((_, { pick }, [a, b, c]) =>
    pick([[a, b], [b, c], [a], ['', b, c], [a, '', c], [a, b, ''], ['', '', '']]).join('.')
  ),
  'a segment doubled': whole((_, { pick }, [a, b, c]) =>
    pick([[a, a, b, c], [a, b, b, c], [a, b, c, c], [a, b, c, ''], ['', a, b, c], [
      a,
      b,
      c,
      '',
      '',
    ]]).join('.')
  ),
  'a character changed': whole((given, { below, pick }) => {
    const at = below(given.length)
    return given.slice(0, at)
      + pick([
        'A',
        'Q',
        '-',
        '.',
        '=',
        ' ',
        'é',
        String.fromCharCode(given.charCodeAt(at) ^ (1 << below(7))),
      ]) + given.slice(at + 1)
  }),
  'a character lost': whole((given, { below }) => {
    const at = below(given.length)
    return given.slice(0, at) + given.slice(at + 1)
  }),
  'something around it': whole((given, { pick }) =>
    pick([
      ` ${given}`,
      `${given} `,
      `${given}\n`,
      `\ufeff${given}`,
      `Bearer ${given}`,
      `"${given}"`,
      `${given}\0`,
      `${given},${given}`,
    ])
  ),
  'in another case': whole((given, { pick }) => pick([given.toLowerCase(), given.toUpperCase()])),
}

const STAGES = {
  header: HEADER,
  claims: CLAIMS,
  spelled: SPELLING,
  signature: SIGNATURE,
  token: WHOLE,
}

/** Every change: [stage and name, function]. */
export const WAYS = Object.entries(STAGES).flatMap(([stage, ways]) =>
  Object.entries(ways).map(([name, change]) => [`${stage}: ${name}`, change])
)

/** A token of an issuer with no change, one change or a few: { token, ways }. */
export function make(issuer, draw) {
  const token = plan(issuer, draw)
  const count = draw.pick([0, 1, 1, 1, 1, 1, 1, 2, 2, 3])
  const ways = Array.from({ length: count }, () => draw.pick(WAYS))
  const names = ways.map(([name, change]) => {
    const more = change(token, draw)
    return name.endsWith('in another way') ? `${name} (${more})` : name
  })
  // Two changes may have added one name twice, which JSON.parse does not show.
  for (const stage of ['header', 'claims']) {
    if (isTwice(token[stage])) names.push(`${stage}: a name twice`)
  }
  return { token: written(token), ways: names }
}
