/**
 * The adapter for node:http and node:http2: it converts their requests to web-standard ones, and
 * writes headers and responses to theirs.
 */
import type { AuthenticatedSession, Claims, Json, Session } from '../core/types.js'
import type { Sessions } from '../sessions/types.js'
import { protectWithoutHeaders } from '../web/protect.js'
import type { Protected, ProtectOptions, Refused } from '../web/types.js'
import type { AnySessions } from './guard.js'
import { type AddressOptions, type Incoming, requestHead } from './node-request.js'
import { type Headed, sendHeaders, sendVary } from './node-response.js'
export { type AddressOptions, type Incoming, requestHead, toRequest } from './node-request.js'
export { type Headed, type Outgoing, sendHeaders, sendResponse } from './node-response.js'

/** A request that is allowed. The headers are already set on its response. */
export interface Admitted<View> {
  /** Whether the request is allowed: always true. */
  ok: true
  /** The session of the request. It has its data only with `fresh: true`. */
  session: View
  /** All claims of the access token, of the new one after a refresh. */
  claims: Claims
  /** Whether the session was refreshed and the response sets new cookies. */
  refreshed: boolean
}

/**
 * Protects a request of node:http: `requestHead`, `sessions.protect` and `sendHeaders` in one call.
 * Cookies and `Vary` are set on the response, also those of a rejection.
 *
 * @example
 *
 * ```js
 * const result = await protect(sessions, req, res)
 * if (!result.ok) return sendResponse(result.response, res)
 * ```
 *
 * @throws PortcullisError as `sessions.protect` and `requestHead`
 */
export function protect<Data extends Json>(
  sessions: Sessions<Data>,
  incoming: Incoming,
  outgoing: Headed,
  options: NodeProtectOptions & { fresh: true },
): Promise<Admitted<Session<Data>> | Refused>
export function protect(
  sessions: AnySessions,
  incoming: Incoming,
  outgoing: Headed,
  options?: NodeProtectOptions & { fresh?: false },
): Promise<Admitted<AuthenticatedSession> | Refused>
export async function protect(
  sessions: Sessions,
  incoming: Incoming,
  outgoing: Headed,
  options?: NodeProtectOptions,
): Promise<Admitted<AuthenticatedSession | Session> | Refused> {
  return protectAtOnce(
    sessions,
    incoming,
    outgoing,
    options as NodeProtectOptions & { fresh?: false },
  )
}

/**
 * Protects a request as `protect` does, but returns a success without a promise if the access token
 * is valid and not near expiry. A response that is sent without waiting is sent sooner. measured:
 * see performance.md, Answering without a promise
 *
 * @example
 *
 * ```js
 * const found = protectAtOnce(sessions, req, res)
 * const result = 'ok' in found ? found : await found
 * ```
 *
 * @throws PortcullisError as `protect`; the error is thrown at once or rejects the promise
 */
export function protectAtOnce<Data extends Json>(
  sessions: Sessions<Data>,
  incoming: Incoming,
  outgoing: Headed,
  options: NodeProtectOptions & { fresh: true },
): Promise<Admitted<Session<Data>> | Refused>
export function protectAtOnce(
  sessions: AnySessions,
  incoming: Incoming,
  outgoing: Headed,
  options?: NodeProtectOptions & { fresh?: false },
): Admitted<AuthenticatedSession> | Promise<Admitted<AuthenticatedSession> | Refused>
export function protectAtOnce(
  sessions: Sessions,
  incoming: Incoming,
  outgoing: Headed,
  options?: NodeProtectOptions,
):
  | Admitted<AuthenticatedSession | Session>
  | Promise<Admitted<AuthenticatedSession | Session> | Refused> {
  const result = options === undefined
    ? protectWithoutHeaders(sessions, requestHead(incoming))
    : protectWithOptions(sessions, incoming, options)
  if (!('vary' in result)) return result.then((answer) => sendResult(answer, outgoing))
  sendVary(result.vary, outgoing)
  return result
}

function protectWithOptions(
  sessions: Sessions,
  incoming: Incoming,
  { origin, ...options }: NodeProtectOptions,
): ReturnType<typeof protectWithoutHeaders> {
  return protectWithoutHeaders(
    sessions,
    requestHead(incoming, origin === undefined ? {} : { origin }),
    options,
  )
}

function sendResult(
  answer: Protected<AuthenticatedSession | Session> | Refused,
  outgoing: Headed,
): Protected<AuthenticatedSession | Session> | Refused {
  sendHeaders(answer.headers, outgoing)
  return answer
}

/** The options of `protect` and `protectAtOnce`. */
export interface NodeProtectOptions extends ProtectOptions, AddressOptions {}
