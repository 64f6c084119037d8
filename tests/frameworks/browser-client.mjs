// A browser as far as cookies, redirects and forms are concerned. Its jar is tough-cookie, which is
// strict about prefixes.
import { CookieJar } from 'tough-cookie'

const REDIRECTS_MAX = 5
const SAFE = new Set(['GET', 'HEAD'])

export class BrowserClient {
  #site
  #jar = new CookieJar(undefined, { prefixSecurity: 'strict' })

  /**
   * `site.address` is the address of the server, `site.origin` the origin that a browser sees.
   */
  constructor(site) {
    this.#site = site
  }

  /**
   * Sends a request, follows redirects by default, and keeps the cookies of all responses.
   * `setCookies` has all Set-Cookie lines.
   */
  async go(path, { method = 'GET', headers = {}, body, from = 'none', follow = true } = {}) {
    const setCookies = []
    let request = { path, method, body }
    for (let n = 0; n < REDIRECTS_MAX; n += 1) {
      const response = await fetch(this.#site.address + request.path, {
        method: request.method,
        body: request.body,
        redirect: 'manual',
        headers: { ...(await this.#headers(request.method, from)), ...headers },
      })
      const lines = response.headers.getSetCookie()
      for (const line of lines) await this.#keep(line)
      setCookies.push(...lines)
      const location = response.headers.get('location')
      const text = await response.text()
      if (!follow || response.status < 300 || response.status > 399 || location === null) {
        return {
          status: response.status,
          path: request.path,
          text,
          headers: response.headers,
          setCookies,
        }
      }
      const { pathname, search } = new URL(location, this.#site.address + request.path)
      request = {
        path: pathname + search,
        method: response.status > 304 ? request.method : 'GET',
        body: response.status > 304 ? request.body : undefined,
      }
    }
    throw new Error(`${path} redirects without end`)
  }

  /**
   * Sends the n-th form of a page as a browser does, with its hidden fields and in its encoding.
   */
  submit(page, n, fields, options = {}) {
    const { path, method, body } = filled(page, n, fields)
    return this.go(path, { method, body, from: 'own', ...options })
  }

  /** The names and values of the session cookies, or of all cookies. */
  async cookies({ all = false } = {}) {
    const found = await this.#jar.getCookies(this.#site.secureAddress)
    return new Map(
      found.filter(({ key }) => all || key.startsWith('__Host-portcullis')).map((
        { key, value },
      ) => [key, value]),
    )
  }

  /** Another browser with the same cookies. */
  async twin() {
    const twin = new BrowserClient(this.#site)
    twin.#jar = await this.#jar.clone()
    return twin
  }

  /** The headers by which browsers name the origin of a request. */
  async #headers(method, from) {
    const cookie = await this.#jar.getCookieString(this.#site.secureAddress)
    const said = {
      none: { 'sec-fetch-site': 'none' },
      own: { 'sec-fetch-site': 'same-origin', origin: this.#site.origin },
      'own, without fetch metadata': { origin: this.#site.origin },
      elsewhere: { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' },
      'elsewhere, without fetch metadata': { origin: 'https://elsewhere.example' },
    }[from]
    const { origin, ...rest } = said
    return {
      accept: 'text/html',
      ...(cookie === '' ? {} : { cookie }),
      ...rest,
      ...(origin === undefined || SAFE.has(method) ? {} : { origin }),
    }
  }

  /**
   * Stores a cookie as over TLS, because the cookies are Secure and a proxy would end TLS. A
   * rejected cookie is an error.
   */
  #keep(line) {
    return this.#jar.setCookie(line, this.#site.secureAddress)
  }
}

/**
 * Fills a form of the test apps, whose attributes have double quotes and whose inputs have no
 * closing tag.
 */
function filled({ text, path }, n, fields) {
  const form = [...text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)][n]
  if (form === undefined) throw new Error(`${path} has no form ${n}:\n${text.slice(0, 2000)}`)
  const [, attributes, inside] = form
  const hidden = [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, one]) => one).filter((one) =>
    attribute(one, 'type') === 'hidden'
  )
  const data = new FormData()
  for (const one of hidden) data.append(attribute(one, 'name'), attribute(one, 'value') ?? '')
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  const isMultipart = attribute(attributes, 'enctype')?.toLowerCase() === 'multipart/form-data'
  const action = new URL(attribute(attributes, 'action') || path, `http://site${path}`)
  return {
    path: action.pathname + action.search,
    method: 'POST',
    body: isMultipart ? data : new URLSearchParams([...data]),
  }
}

function attribute(text, name) {
  return new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(text)?.[1].replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
