/** What every entry gives. */
export { createSessions, generateSecret } from './sessions.js'
export { decideRotation, generateToken, verifyToken } from './tokens.js'
export { PortcullisError, type ErrorCode } from './errors.js'
export type * from './types.js'
