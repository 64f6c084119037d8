// Measures how a request with cookies is authenticated and refreshed. Requests are fresh objects
// whose cookies no engine has read before, as the runtime of a server makes them. Their
// construction is not measured. Peers that read no requests get their token directly.
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { createVerifier } from 'fast-jwt'
import { sealData, unsealData } from 'iron-session'
import { jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { createSessions, generateSecret } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'
import { cookiesOf, ISSUER, requestWith, User } from './user.mjs'

export async function sessionBenches({ compare }, { createSecretKey, randomBytes }) {
  const clock = { ms: Date.now() }
  const keys = { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }
  const sessions = createSessions({
    issuer: ISSUER,
    keys,
    store: memoryStore(),
    clock: () => clock.ms,
  })
  const user = await User.signedIn(sessions)
  const { claims } = sessions.authenticate(user.request())
  const peers = {
    iron: await ironSession(claims),
    better: await betterSession(),
    ...(await tokenPeers(claims, createSecretKey(randomBytes(32)))),
  }
  const forgetful = createSessions({
    issuer: ISSUER,
    keys,
    store: memoryStore(),
    clock: () => clock.ms,
    tokenCacheSize: false,
  })
  // By default, the cookie is cached, because a page sends the same cookie for minutes.
  await checks((...all) => compare('session-check', ...all), sessions, user, peers)
  // Without a cache, every request is like the first one with its cookie.
  await checks((...all) => compare('session-check-first', ...all), forgetful, user, peers)
  forgetful.dispose()
  await refreshes(compare, sessions, clock, peers)
  sessions.dispose()
}

/**
 * Compares `authenticate` with the check of a token alone, with unsealing a cookie, and with
 * reading a session from memory.
 */
async function checks(compare, sessions, user, { iron, better, jwt }) {
  const setUp = (calls) =>
    Array.from(
      { length: calls },
      () => ({
        ours: user.request('GET'),
        better: better.request(),
        sealed: fresh(iron.sealed),
        token: fresh(jwt.token),
      }),
    )
  const check = ({ ours }) => read(sessions.authenticate(ours).session)
  const against = (peer, run, calls) => compare(check, peer, run, { calls, prepare: setUp })
  await against('fast-jwt', ({ token }) => read(jwt.fast(token)), 2000)
  await against('jsonwebtoken', ({ token }) => read(jwt.plain(token)), 2000)
  await against('jose', async ({ token }) => read(await jwt.jose(token)), 500)
  await against('iron-session', async ({ sealed }) => read(await iron.unseal(sealed)), 200)
  await against('better-auth', async (one) => read(await better.session(one.better)), 500)
}

/**
 * Compares `refresh` on the memory store, which rotates the token, with unsealing and sealing a
 * cookie, and with reading a session. Every call has its own session, which is due for rotation.
 */
async function refreshes(compare, sessions, clock, { iron, better }) {
  const setUp = async (calls) => {
    const users = await Promise.all(Array.from({ length: calls }, () => User.signedIn(sessions)))
    clock.ms += 31_000
    return users.map((user) => ({
      ours: user.request(),
      better: better.request(),
      sealed: fresh(iron.sealed),
    }))
  }
  const refresh = async ({ ours }) => {
    const { rotated, accessToken } = await sessions.refresh(ours)
    return rotated ? accessToken.length : Number.NaN
  }
  const against = (peer, run) =>
    compare('refresh-memory', refresh, peer, run, { calls: 200, prepare: setUp })
  await against(
    'iron-session',
    async ({ sealed }) => (await iron.seal(await iron.unseal(sealed))).length,
  )
  await against('better-auth', async (one) => read(await better.session(one.better)))
}

/** The subject, which every check must give; not a number without a session. */
const read = (session) =>
  session?.subject?.length ?? session?.sub?.length ?? session?.user?.id.length ?? Number.NaN

/** A fresh string, which no engine has hashed before. */
const fresh = (text) => new TextDecoder().decode(new TextEncoder().encode(text))

async function ironSession(claims) {
  const options = { password: generateSecret(), ttl: 0 }
  return {
    sealed: await sealData({ ...claims }, options),
    seal: (data) => sealData(data, options),
    unseal: (sealed) => unsealData(sealed, options),
  }
}

/**
 * better-auth with its defaults and one user in its database. Its option to keep a session in a
 * signed cookie for some time is off by default, and would delay revocations as an access token
 * does.
 */
async function betterSession() {
  const database = memoryAdapter({ user: [], session: [], account: [], verification: [] })
  const auth = betterAuth({
    baseURL: ISSUER,
    secret: generateSecret(),
    database,
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
  })
  const answer = await auth.api.signUpEmail({
    body: { name: 'User', email: 'user-1@app.example', password: generateSecret() },
    asResponse: true,
  })
  const cookie = cookiesOf(answer)
  return {
    request: () => requestWith(cookie, 'GET'),
    session: ({ headers }) => auth.api.getSession({ headers }),
  }
}

/** All peers get the same claims, and each gets its fastest kind of key. */
async function tokenPeers(claims, key) {
  const { iss: issuer, aud: audience } = claims
  const token = await new SignJWT({ ...claims }).setProtectedHeader({
    alg: 'HS256',
    typ: 'at+jwt',
    kid: 'k1',
  }).sign(key)
  const fast = createVerifier({
    key: key.export(),
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
    cache: false,
  })
  const plain = (text) =>
    jsonwebtoken.verify(text, key, { algorithms: ['HS256'], issuer, audience })
  const jose = async (text) =>
    (await jwtVerify(text, key, { algorithms: ['HS256'], issuer, audience, typ: 'at+jwt' })).payload
  return { jwt: { token, fast, plain, jose } }
}
