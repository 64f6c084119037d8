// node bench/web-server.mjs VARIANT: one route on node:http, protected as VARIANT says. Prints { port, cookie }; ends with its
// standard input. The peers get what they are best at: a secret key that is imported once, a cookie found by one search.
import { createSecretKey, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { sealData, unsealData } from 'iron-session'
import { jwtVerify, SignJWT } from 'jose'
import { createSessions, generateSecret } from 'portcullis'
import { protect, sendResponse } from 'portcullis/node'
import { memoryStore } from 'portcullis/stores/memory'
import { ISSUER, User } from './user.mjs'

const keys = { ring: [{ id: 'k1', secret: generateSecret() }], index: generateSecret() }
const sessions = createSessions({ issuer: ISSUER, keys, store: memoryStore() })
const user = await User.signedIn(sessions, 'user-1')
const { claims } = sessions.authenticate(user.request())

/** Each gives the cookie to come with, and the route. */
const VARIANTS = {
  none: async () => [user.cookie, (_, outgoing) => page(outgoing, 'user-1')],

  portcullis: async () => [user.cookie, async (incoming, outgoing) => {
    const answer = await protect(sessions, incoming, outgoing)
    if (!answer.ok) return sendResponse(answer.response, outgoing)
    page(outgoing, answer.session.subject)
  }],

  jose: async () => {
    const key = createSecretKey(randomBytes(32))
    const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' }).sign(key)
    const options = { algorithms: ['HS256'], issuer: ISSUER, audience: ISSUER, typ: 'at+jwt' }
    return [`token=${token}`, async (incoming, outgoing) => {
      const { payload } = await jwtVerify(cookieOf(incoming, 'token'), key, options)
      page(outgoing, payload.sub)
    }]
  },

  'iron-session': async () => {
    const options = { password: generateSecret(), ttl: 0 }
    return [`sealed=${await sealData({ ...claims }, options)}`, async (incoming, outgoing) => {
      const { sub } = await unsealData(cookieOf(incoming, 'sealed'), options)
      page(outgoing, sub)
    }]
  },
}

function page(outgoing, subject) {
  outgoing.setHeader('content-type', 'application/json')
  outgoing.end(JSON.stringify({ hello: subject }))
}

function cookieOf({ headers }, name) {
  return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(headers.cookie)[1]
}

const [cookie, route] = await VARIANTS[process.argv[2]]()
const refuse = (outgoing) => () => outgoing.writeHead(401).end()
const server = createServer((incoming, outgoing) => route(incoming, outgoing)?.catch(refuse(outgoing)))
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, cookie })))
process.stdin.on('end', () => process.exit()).resume()
