// The route of web-server.mjs as a Worker, protected by the variant in env.VARIANT. The path
// /cookie gives the cookie to send.
import { webCookies } from 'iron-session'
import { createSessions, generateSecret } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'
import { ISSUER, User } from '../user.mjs'
import { PEERS } from '../web-peers.mjs'

/**
 * Prepares the variant at the first request, because Workers have no randomness at global scope.
 */
async function prepared(variant) {
  const keys = { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }
  const sessions = createSessions({ issuer: ISSUER, keys, store: memoryStore() })
  const user = await User.signedIn(sessions, 'user-1')
  if (variant === 'none') return [user.cookie, () => page('user-1')]
  if (variant === 'portcullis') return [user.cookie, (request) => protectedPage(sessions, request)]
  const { claims } = sessions.authenticate(user.request())
  const key = await crypto.subtle.importKey(
    'raw',
    crypto.getRandomValues(new Uint8Array(32)),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  )
  const [cookie, subjectOf] = await PEERS[variant](claims, key, generateSecret())
  if (variant === 'iron-session') return [cookie, async (request) => sealedPage(subjectOf, request)]
  return [
    cookie,
    async (request) => page(await subjectOf({ header: () => request.headers.get('cookie') })),
  ]
}

async function protectedPage(sessions, request) {
  const answer = await sessions.protect(request)
  if (!answer.ok) return answer.response
  return answer.reply(JSON.stringify({ hello: answer.session.subject }), JSON_TYPE)
}

/** The session writes its headers into these. */
async function sealedPage(subjectOf, request) {
  const headers = new Headers(JSON_TYPE.headers)
  return page(await subjectOf({ cookies: () => webCookies(request, headers) }), { headers })
}

const JSON_TYPE = { headers: { 'content-type': 'application/json' } }

function page(subject, init = JSON_TYPE) {
  return new Response(JSON.stringify({ hello: subject }), init)
}

let ready

export default {
  async fetch(request, { VARIANT }) {
    ready ??= await prepared(VARIANT)
    const [cookie, route] = ready
    if (request.url.endsWith('/cookie')) return new Response(cookie)
    try {
      return await route(request)
    } catch {
      return new Response(null, { status: 401 })
    }
  },
}
