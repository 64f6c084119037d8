/** What every entry gives. */
export type { RequestContext } from './context/types.js'
export { type ErrorCode, PortcullisError } from './errors.js'
export { deriveSubkey, generateKey, generateOpaque, generateSecret, open, seal } from './making.js'
export type * from './risk-types.js'
export { confirmAnomaly, scoreAnomaly } from './risk.js'
export { createSessions } from './sessions.js'
export {
  createSigner,
  decideRotation,
  generateToken,
  jwks,
  jwksVerifier,
  verifyToken,
} from './tokens.js'
export type * from './types.js'
export { createVerifier } from './verifier.js'
export { withHeaders } from './web/merge.js'
export type * from './web/types.js'
