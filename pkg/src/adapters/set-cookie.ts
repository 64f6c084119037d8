/**
 * Converts the `Set-Cookie` headers of portcullis for frameworks that set cookies by a function,
 * and for renders that follow.
 */

/** The options of a framework's `cookies.set`. */
export interface CookieOptions {
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite: 'lax' | 'strict'
  maxAge?: number
  /** The expiry of a cleared cookie: Next ignores a `maxAge` of 0. */
  expires?: Date
  /** Returns the value unchanged, because the values of portcullis need no encoding. */
  encode: (value: string) => string
}

/** The cookie object of SvelteKit, Astro or Next. */
export interface CookieTarget {
  set(name: string, value: string, options: CookieOptions): unknown
}

/** Sets every cookie of the headers on a framework's cookie object. */
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

/** Returns the headers without the cookies: `Cache-Control`, `Vary` and others. */
export function withoutCookies(headers: Headers): Headers {
  const rest = new Headers(headers)
  rest.delete('set-cookie')
  return rest
}

/**
 * Returns the head of a request as its client would send it after it has received `headers`. Other
 * cookies of the request stay.
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

/** Parses a `Set-Cookie` line. It accepts only lines that portcullis itself has written. */
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
