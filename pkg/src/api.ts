/** What every entry gives. */
export { createSessions } from './sessions.js'
export { createSigner, decideRotation, generateToken, jwks, jwksVerifier, verifyToken } from './tokens.js'
export { createVerifier } from './verifier.js'
export { deriveSubkey, generateKey, generateOpaque, generateSecret, open, seal } from './making.js'
export { PortcullisError, type ErrorCode } from './errors.js'
export { withHeaders } from './web/merge.js'
export type * from './types.js'
export type * from './web/types.js'
