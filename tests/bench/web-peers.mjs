// The other packages that protect the route, on Node and in workerd, used as their documentation
// shows. Two things are faster than in the documentation of jose: its secret key is imported once,
// and its cookie is found by one search.
import { getIronSession, sealData } from 'iron-session'
import { jwtVerify, SignJWT } from 'jose'
import { ISSUER } from './user.mjs'

/**
 * Each function takes the claims of an access token. The result is the cookie to send, and a
 * function that gives the subject of a request, from the Cookie header or from the cookie store of
 * iron-session.
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
