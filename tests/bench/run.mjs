// The benches of Node: see measure.mjs for what a line says.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as nodeCrypto from 'node:crypto'
import { createSessions, generateSecret } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'
import { createVerifier } from 'fast-jwt'
import jsonwebtoken from 'jsonwebtoken'
import { jwtVerify, SignJWT } from 'jose'
import { sealData, unsealData } from 'iron-session'
import { median, stopwatch } from './measure.mjs'
import { tokenBenches } from './tokens.mjs'

const watch = stopwatch(`node ${process.versions.node}`, () => performance.now(), console.log)
const { createSecretKey, randomBytes } = nodeCrypto
/** The answers are checked elsewhere; here they only have to come. */
const compare = (bench, ours, peer, peerRun, options) => watch.compare(bench, counted(ours), peer, counted(peerRun), options)
const counted = (run) => () => {
  const answer = run()
  return typeof answer?.then === 'function' ? answer.then(() => 0) : 0
}

/** A fresh process each time: what a cold start pays for importing the package and constructing sessions. */
function coldStart() {
  const script = `
    const before = performance.now()
    const { createSessions } = await import('portcullis')
    const keys = { ring: [{ id: 'k', secret: '${generateSecret()}' }], index: '${generateSecret()}' }
    createSessions({ issuer: 'https://app.example', keys, store: { get() {}, swap() {} } })
    console.log(performance.now() - before)`
  const once = () => Number(spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8' }).stdout)
  watch.print('import-and-construct', median(Array.from({ length: 11 }, once)) * 1e6, null, null)
}

const issuer = 'https://app.example'
let now = Date.now()
const sessions = createSessions({ issuer, keys: { ring: [{ id: 'k1', secret: generateSecret() }], index: generateSecret() }, store: memoryStore(), clock: () => now })
const headers = { 'sec-fetch-site': 'same-origin' }
const request = (cookie) => new Request(`${issuer}/here`, { method: 'POST', headers: { ...headers, cookie } })
const cookiesOf = (answer) => answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')

const signedIn = await sessions.signIn(request(''), { subject: 'user-1', amr: ['pwd'] })
const here = request(cookiesOf(signedIn))

// The same claims for everybody, each with its best kind of key.
const secret = randomBytes(32)
const key = createSecretKey(secret)
const { claims } = sessions.authenticate(here)
const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' }).sign(key)
const fastJwt = createVerifier({ key: secret, algorithms: ['HS256'], allowedIss: issuer, allowedAud: issuer, cache: false })
const iron = { password: generateSecret(), ttl: 0 }
const sealed = await sealData({ ...claims }, iron)

coldStart()
await tokenBenches(watch, { ...nodeCrypto, Buffer })
await compare('session-check', () => sessions.authenticate(here), 'fast-jwt', () => fastJwt(token))
await compare('session-check', () => sessions.authenticate(here), 'jsonwebtoken', () => jsonwebtoken.verify(token, key, { algorithms: ['HS256'], issuer, audience: issuer }))
await compare('session-check', () => sessions.authenticate(here), 'jose', () => jwtVerify(token, key, { algorithms: ['HS256'], issuer, audience: issuer, typ: 'at+jwt' }), { calls: 500 })
await compare('session-check', () => sessions.authenticate(here), 'iron-session', () => unsealData(sealed, iron), { calls: 200 })

let cookies = cookiesOf(signedIn)
const refreshOnce = async () => {
  now += 31_000
  const answer = await sessions.refresh(request(cookies))
  cookies = cookiesOf(answer)
}
await compare('refresh-memory', refreshOnce, 'iron-session', async () => sealData(await unsealData(sealed, iron), iron), { calls: 200 })
sessions.dispose()
