import { createSessions, generateSecret } from 'portcullis'
import { equal, ok, throwsCode } from '../assert.mjs'
import { Browser, createKeys, createSignedInBrowser, createTestSite, ORIGIN } from '../support.mjs'

const secret = generateSecret
const withOptions = (world, options) => () =>
  createSessions({ issuer: ORIGIN, keys: createKeys(), store: world.openStore(), ...options })
const ring = (...keys) => ({ keys: { ring: keys, storeKeySecret: secret() } })

/** Options that construction must reject: [words, options, code]. */
const REFUSED = [
  ['an empty issuer', { issuer: '' }, 'ERR_CONFIG'],
  ['an issuer of 257 bytes', { issuer: 'i'.repeat(257) }, 'ERR_CONFIG'],
  ['an issuer of 20 MB', { issuer: 'i'.repeat(20_000_000) }, 'ERR_CONFIG'],
  ['a secret of 20 MB', ring({ id: 'k', secret: 'A'.repeat(20_000_000) }), 'ERR_CONFIG'],
  ['an issuer that is not a string', { issuer: 7 }, 'ERR_CONFIG'],
  ['an option that is null', { onEvent: null }, 'ERR_CONFIG'],
  ['a policy setting that is null', { policy: { sameSite: null } }, 'ERR_CONFIG'],
  ['a number that is null', { policy: { absoluteTimeoutSeconds: null } }, 'ERR_CONFIG'],
  ['a risk setting that is null', { policy: { risk: { dryRun: null } } }, 'ERR_CONFIG'],
  [
    'an idle timeout that signs active users out',
    { policy: { idleTimeoutSeconds: 240, accessTtlSeconds: 300 } },
    'ERR_CONFIG',
  ],
  ['no keys', { keys: undefined }, 'ERR_CONFIG'],
  ['an empty ring', ring(), 'ERR_CONFIG'],
  ['a key without a name', ring({ id: '', secret: secret() }), 'ERR_CONFIG'],
  ['a key name of 129 bytes', ring({ id: 'k'.repeat(129), secret: secret() }), 'ERR_CONFIG'],
  [
    'two keys with one name',
    ring({ id: 'k', secret: secret() }, { id: 'k', secret: secret() }),
    'ERR_CONFIG',
  ],
  ['an absent secret', ring({ id: 'k', secret: undefined }), 'ERR_CONFIG'],
  [
    'a secret of 31 bytes',
    ring({ id: 'k', secret: Uint8Array.from({ length: 31 }, (_, n) => n * 7) }),
    'ERR_WEAK_SECRET',
  ],
  ['a secret of zeros', ring({ id: 'k', secret: new Uint8Array(32) }), 'ERR_WEAK_SECRET'],
  [
    'a secret that is not base64url',
    ring({ id: 'k', secret: 'correct horse battery staple, and more of it' }),
    'ERR_WEAK_SECRET',
  ],
  [
    'a secret from public documentation',
    ring({ id: 'k', secret: 'super-secret-jwt-token-with-at-least-32-characters-long' }),
    'ERR_WEAK_SECRET',
  ],
  [
    'a secret from public documentation as bytes',
    ring({
      id: 'k',
      secret: new TextEncoder().encode('complex_password_at_least_32_characters_long'),
    }),
    'ERR_WEAK_SECRET',
  ],
  [
    'a weak store key secret',
    { keys: { ring: [{ id: 'k', secret: secret() }], storeKeySecret: 'AAAA' } },
    'ERR_WEAK_SECRET',
  ],
  ['an access token of 59 s', { policy: { accessTtlSeconds: 59 } }, 'ERR_CONFIG'],
  ['an access token of 3601 s', { policy: { accessTtlSeconds: 3601 } }, 'ERR_CONFIG'],
  ['a fraction of a second', { policy: { minRotationIntervalSeconds: 0.5 } }, 'ERR_CONFIG'],
  ['a misspelt option', { policy: { accessTTLSeconds: 300 } }, 'ERR_CONFIG'],
  ['SameSite=None', { policy: { sameSite: 'none' } }, 'ERR_CONFIG'],
  ['a number as a string', { policy: { leewaySeconds: '30' } }, 'ERR_CONFIG'],
  ['a store without methods', { store: {} }, 'ERR_CONFIG'],
  [
    'a store that cannot swap',
    { store: { get: () => null, put: () => {} } },
    'ERR_STORE_NEEDS_SWAP',
  ],
  ['a store that declares that it cannot swap', {
    store: { get: () => null, swap: () => true, capabilities: { swap: false } },
  }, 'ERR_STORE_NEEDS_SWAP'],
]

export const cases = [
  ...REFUSED.map(([words, options, code]) => ({
    name: `rejected at construction: ${words}`,
    run: (world) => throwsCode(code, withOptions(world, options)),
  })),
  {
    name: 'the rejection of a secret does not contain the secret',
    async run(world) {
      const error = await throwsCode(
        'ERR_WEAK_SECRET',
        withOptions(world, ring({ id: 'k', secret: 'hunter2hunter2' })),
      )
      ok(!error.message.includes('hunter2'), 'no secret in the message')
    },
  },
  {
    name: 'the limits of the ranges are allowed',
    run(world) {
      for (
        const policy of [
          { accessTtlSeconds: 60 },
          { accessTtlSeconds: 3600 },
          { leewaySeconds: 0 },
          { leewaySeconds: 120 },
          { maxSessionsPerSubject: 256 },
        ]
      ) withOptions(world, { policy })().dispose()
      withOptions(world, ring({ id: 'k'.repeat(128), secret: secret() }))().dispose()
    },
  },
  {
    name: 'a rotated key ring still verifies, unseals and refreshes with the older key',
    async run(world) {
      const store = world.openStore()
      const keys = createKeys()
      const { sessions, clock, browser } = await createSignedInBrowser(world, { store, keys })
      const rotated = { ...keys, ring: [{ id: 'k2', secret: secret() }, ...keys.ring] }
      const next = createSessions({ issuer: ORIGIN, keys: rotated, store, clock: clock.now })
      equal(next.authenticate(browser.request()).ok, true, 'authenticate')
      clock.advance(31)
      equal(browser.keep(await next.refresh(browser.request())).ok, true, 'refresh')
      equal(
        sessions.authenticate(browser.request()).code,
        'ERR_TOKEN_UNKNOWN_KEY',
        'the older site, which lacks the new key',
      )
      await throwsCode('ERR_RECORD_UNKNOWN_KEY', () => sessions.refresh(browser.request()))
    },
  },
  {
    name: 'another store key secret finds no session',
    async run(world) {
      const store = world.openStore()
      const keys = createKeys()
      const { browser, clock } = await createSignedInBrowser(world, { store, keys })
      const other = createSessions({
        issuer: ORIGIN,
        keys: { ...keys, storeKeySecret: secret() },
        store,
        clock: clock.now,
      })
      equal(await other.list('user-1'), [], 'list')
      await throwsCode('ERR_RECORD_CORRUPT', () => other.refresh(browser.request()))
    },
  },
  {
    name: 'generateSecret gives 32 new bytes in base64url every time',
    run() {
      const [first, second] = [secret(), secret()]
      ok(/^[A-Za-z0-9_-]{43}$/.test(first) && first !== second, 'a secret')
    },
  },
  {
    name: 'disposed sessions reject every call',
    async run(world) {
      const { sessions, browser } = await createSignedInBrowser(world)
      sessions.dispose()
      sessions.dispose()
      await throwsCode('ERR_DISPOSED', () => sessions.authenticate(browser.request()))
      await throwsCode('ERR_DISPOSED', () => sessions.refresh(browser.request()))
      await throwsCode('ERR_DISPOSED', () => sessions.list('user-1'))
    },
  },
  {
    name: 'construction does not call the clock, the store or the random source',
    run(world) {
      const never = () => {
        throw new Error('asked')
      }
      withOptions(world, { clock: never, entropy: never, store: { get: never, swap: never } })()
    },
  },
  {
    name: 'development mode accepts only requests for this machine',
    async run(world) {
      const { sessions } = createTestSite(world, { policy: { development: true } })
      const local = new Browser({ ...world, origin: 'http://localhost:8787' })
      const answer = await sessions.signIn(local.request(), { subject: 'user-1' })
      ok(
        answer.headers.getSetCookie().every((line) =>
          !/Secure|__Host-/.test(line) && /HttpOnly/.test(line)
        ),
        'plain cookies',
      )
      for (
        const origin of [
          'https://localhost',
          'http://app.example',
          'http://localhost.example',
          'http://127.0.0.1.example',
        ]
      ) {
        await throwsCode(
          'ERR_DEVELOPMENT_MODE',
          () => sessions.authenticate(new Browser({ ...world, origin }).request()),
        )
      }
      for (const origin of ['http://127.0.0.1:3000', 'http://[::1]:3000', 'http://localhost']) {
        equal(
          sessions.authenticate(new Browser({ ...world, origin }).request()).code,
          'ERR_TOKEN_MISSING',
          origin,
        )
      }
    },
  },
]
