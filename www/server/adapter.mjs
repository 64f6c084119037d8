/**
 * Converts between node:http and the standard Request and Response, as a framework would.
 */
import { Problem, problemResponse } from './problem.mjs'

/** Only the loopback address is used, because the cookies of development mode are not Secure. */
export const ADDRESS = '127.0.0.1'

const BODY_LIMIT = 16 * 1024

/**
 * The headers of every response. Inline scripts and styles are forbidden. The core needs
 * 'wasm-unsafe-eval' to be compiled.
 */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; "
    + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // With "no-referrer", browsers send `Origin: null` with the POSTs of this site, which portcullis
  // rejects.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * A listener for `createServer`. `handle(request, path)` gives a Response. Its errors become
 * responses too.
 */
export function answerWith(handle) {
  return async (incoming, outgoing) => {
    try {
      await send(outgoing, await respond(handle, incoming), incoming.method === 'HEAD')
    } catch (error) {
      // The browser has closed the connection, so that no response can be sent.
      outgoing.destroy()
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') console.error(error)
    }
  }
}

async function respond(handle, incoming) {
  try {
    const request = await toRequest(incoming)
    return await handle(request, new URL(request.url).pathname)
  } catch (error) {
    return problemResponse(error)
  }
}

async function toRequest(incoming) {
  const { method } = incoming
  const body = method === 'GET' || method === 'HEAD' ? undefined : await readBody(incoming)
  try {
    return new Request(fullUrl(incoming), { method, headers: toHeaders(incoming.headers), body })
  } catch {
    throw new Problem(400, 'DEMO_REQUEST', 'This request cannot be read.')
  }
}

/**
 * The texts are concatenated, because resolving "//elsewhere/" against the origin would give
 * another host.
 */
function fullUrl({ url, headers }) {
  if (!url.startsWith('/')) throw new TypeError('the request target must be a path')
  return new URL(`http://${headers.host}${url}`)
}

function toHeaders(headers) {
  const list = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    list.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return list
}

async function readBody(incoming) {
  const chunks = []
  let size = 0
  // The request is not destroyed early, because the response needs the same socket.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > BODY_LIMIT) {
      throw new Problem(
        413,
        'DEMO_BODY_TOO_LARGE',
        `A request body may have ${BODY_LIMIT} bytes here.`,
      )
    }
    chunks.push(chunk)
  }
  return size === 0 ? undefined : Buffer.concat(chunks)
}

async function send(outgoing, response, withoutBody) {
  const headers = { ...SECURITY_HEADERS }
  for (const [name, value] of response.headers) headers[name] = value
  // Cookies are a list, because Headers joins equal names with a comma, which the expiry date of a
  // cookie may contain.
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) headers['set-cookie'] = cookies
  const body = Buffer.from(await response.arrayBuffer())
  headers['content-length'] = body.length
  // The rest of a body that is too large is not read.
  if (response.status === 413) headers.connection = 'close'
  outgoing.writeHead(response.status, headers)
  outgoing.end(withoutBody ? undefined : body)
}
