/**
 * This file makes a small site with real sessions for the checks of `portcullis/client`. The site
 * runs in this process, so that a check can move its clock and count its requests.
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createSessions, generateSecret } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'

const PACKAGE = new URL('../node_modules/portcullis/dist/client/', import.meta.url)
const PAGE = '<!doctype html><title>a page</title><link rel="icon" href="data:,">'
  + '<script type="module" src="/page.js"></script><body>'
const SCRIPT = `import { createClient } from '/client/index.js'
window.ends = []
window.client = createClient({ onSessionEnd: ({ code }) => window.ends.push(code) })`

/**
 * `policy` is the policy of the sessions. A check can replace `refreshing` to delay, change or lose
 * the answer of a refresh.
 */
export async function createSite(policy = {}) {
  const site = {
    aheadMs: 0,
    refreshes: 0,
    rotations: 0,
    busy: 0,
    keepAlive: true,
    seen: [],
    refreshing: async (answer) => answer,
  }
  const server = createServer((incoming, outgoing) => serve(site, incoming, outgoing))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  site.origin = `http://localhost:${server.address().port}`
  // Browsers treat 127.0.0.1 and localhost as different sites.
  site.elsewhere = site.origin.replace('localhost', '127.0.0.1')
  const keys = { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }
  const clock = () => Date.now() + site.aheadMs
  site.sessions = createSessions({
    issuer: site.origin,
    keys,
    store: memoryStore(),
    clock,
    policy: {
      development: true,
      csrf: 'origin-and-token',
      csrfCookie: true,
      minRotationIntervalSeconds: 0,
      ...policy,
    },
  })
  /** This function makes every access token expire, but no session. */
  site.expire = () => (site.aheadMs += 400_000)
  site.close = () => {
    server.closeAllConnections()
    server.close()
  }
  return site
}

async function serve(site, incoming, outgoing) {
  try {
    const answer = await respond(site, await toRequest(incoming))
    const headers = {
      ...Object.fromEntries(answer.headers),
      connection: site.keepAlive ? 'keep-alive' : 'close',
    }
    const cookies = answer.headers.getSetCookie()
    outgoing.writeHead(
      answer.status,
      cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers,
    )
    outgoing.end(Buffer.from(await answer.arrayBuffer()))
  } catch {
    // The client must see a connection that ends without an answer.
    outgoing.destroy()
  }
}

async function toRequest({ url, method, headers, ...incoming }) {
  const body = method === 'GET' || method === 'HEAD'
    ? undefined
    : await new Response(incoming.body).text()
  return new Request(`http://${headers.host}${url}`, { method, headers, body })
}

async function respond(site, request) {
  const { pathname } = new URL(request.url)
  site.seen.push({
    method: request.method,
    host: request.headers.get('host'),
    path: pathname,
    token: request.headers.get('x-csrf-token'),
    origin: request.headers.get('origin'),
  })
  if (pathname.startsWith('/session/')) return sessionRoute(site, request, pathname)
  const route = ROUTES[`${request.method} ${pathname}`]
  if (route) return route(site, request)
  if (pathname.startsWith('/client/')) {
    return text(
      await readFile(new URL(pathname.slice('/client/'.length), PACKAGE)),
      'text/javascript',
    )
  }
  return request.method === 'GET' ? text(PAGE, 'text/html') : new Response(null, { status: 404 })
}

const text = (body, type) => new Response(body, { headers: { 'content-type': type } })

const ROUTES = {
  'GET /page.js': () => text(SCRIPT, 'text/javascript'),
  'POST /sign-in': async (site, request) =>
    answered(await site.sessions.signIn(request, { subject: 'user-1' })),
  'GET /me': (site, request) => answered(site.sessions.authenticate(request)),
  'POST /note': (site, request) => answered(site.sessions.authenticate(request)),
  'GET /busy': (
    site,
  ) => ((site.busy -= 1) < 0
    ? Response.json({})
    : new Response(null, { status: 503, headers: { 'retry-after': '1' } })),
  'POST /away': (site) =>
    new Response(null, { status: 307, headers: { location: `${site.elsewhere}/trap` } }),
  'POST /trap': () => new Response(null, { headers: PERMISSIVE }),
  'OPTIONS /trap': () => new Response(null, { status: 204, headers: PERMISSIVE }),
}

/** The other origin allows every request, so that CORS cannot hide a token that is sent there. */
const PERMISSIVE = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'x-csrf-token, content-type',
  'access-control-allow-methods': '*',
}

async function sessionRoute(site, request, pathname) {
  const answer = await site.sessions.handle(request)
  if (pathname !== '/session/refresh') return answer
  site.refreshes += 1
  if (answer.ok && (await answer.clone().json()).rotated) site.rotations += 1
  return site.refreshing(answer)
}

function answered({ ok, code, status, message, headers = new Headers(), session }) {
  const all = new Headers(headers)
  all.set('content-type', ok ? 'application/json' : 'application/problem+json')
  const body = ok ? { session } : { type: 'about:blank', status, code, detail: message }
  return new Response(JSON.stringify(body), { status: ok ? 200 : status, headers: all })
}
