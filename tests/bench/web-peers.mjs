// What the route is protected by instead, on Node and in workerd, as the documentation of each has
// it; but jose gets a secret key that is imported once, and its cookie by one search.
import { getIronSession, sealData } from 'iron-session'
import { jwtVerify, SignJWT } from 'jose'
import { ISSUER } from './user.mjs'

/**
 * Each takes the claims of our own access token, and gives the cookie to come with, and who comes
 * with a request: by its Cookie header, or by iron-session's own reader of requests.
 */
export const PEERS = {
  jose: async (claims, key) => {
    const token = await new SignJWT({ ...claims }).setProtectedHeader({
      alg: 'HS256',
      typ: 'at+jwt',
      kid: 'k1',
    }).sign(key)
    const options = { algorithms: ['HS256'], issuer: ISSUER, audience: ISSUER, typ: 'at+jwt' }
    return [
      `token=${token}`,
      async ({ header }) =>
        (await jwtVerify(cookieIn(header(), 'token'), key, options)).payload.sub,
    ]
  },

  'iron-session': async (claims, _, password) => {
    const options = { password, ttl: 0, cookieName: 'sealed' }
    return [
      `sealed=${await sealData({ ...claims }, options)}`,
      async ({ cookies }) => (await getIronSession(cookies(), options)).sub,
    ]
  },
}

function cookieIn(cookies, name) {
  return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(cookies)[1]
}
