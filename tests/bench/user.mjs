// A signed-in user for the benches: cookies, and requests that carry them.

export const ISSUER = 'https://app.example'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

export const cookiesOf = ({ headers }) =>
  headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')

export function requestWith(cookie, method = 'POST') {
  return new Request(`${ISSUER}/here`, {
    method,
    headers: { 'sec-fetch-site': 'same-origin', 'user-agent': FIREFOX, cookie },
  })
}

let users = 0

export class User {
  constructor(cookie) {
    this.cookie = cookie
  }

  static async signedIn(sessions, subject = `user-${(users += 1)}`) {
    const answer = await sessions.signIn(requestWith(''), { subject, acr: 'aal1', amr: ['pwd'] })
    return new User(cookiesOf(answer))
  }

  request(method) {
    return requestWith(this.cookie, method)
  }
}
