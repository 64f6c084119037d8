/**
 * Our own `Set-Cookie` lines, for frameworks that want them in parts, and for renders that come
 * after them.
 */

/** The options that frameworks' `cookies.set` takes. */
export interface CookieOptions {
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite: 'lax' | 'strict'
  maxAge?: number
  /** Where a cookie is cleared: Next forgets a `maxAge` of 0. */
  expires?: Date
  /** Nothing in our values needs any. */
  encode: (value: string) => string
}

/** A jar as SvelteKit, Astro and Next have one. */
export interface CookieTarget {
  set(name: string, value: string, options: CookieOptions): unknown
}

/** Puts every cookie of an answer's headers into a framework's jar. */
export function copyCookies(headers: Headers, target: CookieTarget): void {
  for (const line of headers.getSetCookie()) {
    const { name, value, attributes } = parseSetCookie(line)
    const maxAge = attributes.get('max-age')
    target.set(name, value, {
      path: attributes.get('path') ?? '/',
      secure: attributes.has('secure'),
      httpOnly: attributes.has('httponly'),
      sameSite: attributes.get('samesite') === 'Strict' ? 'strict' : 'lax',
      ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
      ...(maxAge === '0' ? { expires: new Date(0) } : {}),
      encode: (text) => text,
    })
  }
}

/** What goes along with the cookies: `Cache-Control`, `Vary` and the like. */
export function withoutCookies(headers: Headers): Headers {
  const rest = new Headers(headers)
  rest.delete('set-cookie')
  return rest
}

/**
 * The head of a request as its client would send it once it has `headers`. The request's other
 * cookies stay as they are.
 */
export function withNewCookies(request: Request, headers: Headers): Request {
  const lines = headers.getSetCookie().map(parseSetCookie)
  if (lines.length === 0) return request
  const news = new Set(lines.map(({ name }) => name))
  const kept = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim()).filter((
    pair,
  ) => pair !== '' && !news.has(nameOf(pair)))
  const set = lines.filter(({ attributes }) => attributes.get('max-age') !== '0').map((
    { name, value },
  ) => `${name}=${value}`)
  const all = new Headers(request.headers)
  if (kept.length + set.length > 0) all.set('cookie', [...kept, ...set].join('; '))
  else all.delete('cookie')
  return new Request(request.url, { method: request.method, headers: all })
}

/** Only ever of lines that we wrote ourselves: see src/cookie.rs. */
function parseSetCookie(
  line: string,
): { name: string; value: string; attributes: Map<string, string> } {
  const [pair = '', ...rest] = line.split('; ')
  const name = nameOf(pair)
  const attributes = new Map(
    rest.map((one) => [nameOf(one).toLowerCase(), one.slice(nameOf(one).length + 1)]),
  )
  return { name, value: pair.slice(name.length + 1), attributes }
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=')
  return end < 0 ? pair : pair.slice(0, end)
}
