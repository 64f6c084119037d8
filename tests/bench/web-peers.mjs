// What the route is protected by instead, on Node and in workerd. The peers get what they are best at: a secret key that is
// imported once, a cookie found by one search.
import { sealData, unsealData } from 'iron-session'
import { jwtVerify, SignJWT } from 'jose'
import { ISSUER } from './user.mjs'

/** Each takes the claims of our own access token, and gives the cookie to come with, and who comes with a Cookie header. */
export const PEERS = {
  jose: async (claims, key) => {
    const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' }).sign(key)
    const options = { algorithms: ['HS256'], issuer: ISSUER, audience: ISSUER, typ: 'at+jwt' }
    return [`token=${token}`, async (cookies) => (await jwtVerify(cookieIn(cookies, 'token'), key, options)).payload.sub]
  },

  'iron-session': async (claims, _, password) => {
    const options = { password, ttl: 0 }
    return [`sealed=${await sealData({ ...claims }, options)}`, async (cookies) => (await unsealData(cookieIn(cookies, 'sealed'), options)).sub]
  },
}

function cookieIn(cookies, name) {
  return new RegExp(`(?:^|; )${name}=([^;]*)`).exec(cookies)[1]
}
