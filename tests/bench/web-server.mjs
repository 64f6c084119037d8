// node bench/web-server.mjs VARIANT: serves one route on node:http, protected by the named variant.
// The program prints { port, cookie }, and ends with its standard input.
import { nodeCookies } from 'iron-session'
import { createSecretKey, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createSessions, generateSecret } from 'portcullis'
import { protectMaybeSync, sendResponse } from 'portcullis/node'
import { memoryStore } from 'portcullis/stores/memory'
import { ISSUER, User } from './user.mjs'
import { PEERS } from './web-peers.mjs'

const keys = { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }
const sessions = createSessions({ issuer: ISSUER, keys, store: memoryStore() })
const user = await User.signedIn(sessions, 'user-1')

const PORTCULLIS_VARIANTS = {
  none: (_, outgoing) => page(outgoing, 'user-1'),

  // This is the fastest form: a synchronous result is not awaited.
  portcullis: (incoming, outgoing) => {
    const found = protectMaybeSync(sessions, incoming, outgoing)
    return 'ok' in found
      ? answered(found, outgoing)
      : found.then((answer) => answered(answer, outgoing))
  },
}

function answered(answer, outgoing) {
  if (!answer.ok) return sendResponse(answer.response, outgoing)
  page(outgoing, answer.session.subject)
}

/** The cookie to send, and the route. */
async function variant(name) {
  if (name in PORTCULLIS_VARIANTS) return [user.cookie, PORTCULLIS_VARIANTS[name]]
  const { claims } = sessions.authenticate(user.request())
  const [cookie, subjectOf] = await PEERS[name](
    claims,
    createSecretKey(randomBytes(32)),
    generateSecret(),
  )
  return [
    cookie,
    async (incoming, outgoing) =>
      page(
        outgoing,
        await subjectOf({
          header: () => incoming.headers.cookie,
          cookies: () => nodeCookies(incoming, outgoing),
        }),
      ),
  ]
}

function page(outgoing, subject) {
  outgoing.setHeader('content-type', 'application/json')
  outgoing.end(JSON.stringify({ hello: subject }))
}

const [cookie, route] = await variant(process.argv[2])
const refuse = (outgoing) => () => outgoing.writeHead(401).end()
const server = createServer((incoming, outgoing) =>
  route(incoming, outgoing)?.catch(refuse(outgoing))
)
server.listen(
  0,
  '127.0.0.1',
  () => console.log(JSON.stringify({ port: server.address().port, cookie })),
)
process.stdin.on('end', () => process.exit()).resume()
