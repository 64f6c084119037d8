/**
 * The adapter for node:http and node:http2: it converts their requests to web-standard ones, and
 * writes headers and responses to theirs.
 */
import type { AuthenticatedSession, Claims, JsonValue, Session } from '../core/types.js'
import type { Sessions } from '../sessions/types.js'
import { protectWithoutHeaders } from '../web/protect.js'
import type { ProtectOptions, ProtectRejection, ProtectSuccess } from '../web/types.js'
import type { AnySessions } from './guard.js'
import { type AddressOptions, type NodeRequest, requestHead } from './node-request.js'
import { type HeaderTarget, sendHeaders, sendVary } from './node-response.js'
export { type AddressOptions, type NodeRequest, requestHead, toRequest } from './node-request.js'
export { type HeaderTarget, type NodeResponse, sendHeaders, sendResponse } from './node-response.js'

/** A request that is allowed. The headers are already set on its response. */
export interface NodeProtectSuccess<View> {
  /** Whether the request is allowed: always true. */
  ok: true
  /** The session of the request. It has its data only with `checkStore: true`. */
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
export function protect<Data extends JsonValue>(
  sessions: Sessions<Data>,
  incoming: NodeRequest,
  outgoing: HeaderTarget,
  options: NodeProtectOptions & { checkStore: true },
): Promise<NodeProtectSuccess<Session<Data>> | ProtectRejection>
export function protect(
  sessions: AnySessions,
  incoming: NodeRequest,
  outgoing: HeaderTarget,
  options?: NodeProtectOptions & { checkStore?: false },
): Promise<NodeProtectSuccess<AuthenticatedSession> | ProtectRejection>
export async function protect(
  sessions: Sessions,
  incoming: NodeRequest,
  outgoing: HeaderTarget,
  options?: NodeProtectOptions,
): Promise<NodeProtectSuccess<AuthenticatedSession | Session> | ProtectRejection> {
  return protectMaybeSync(
    sessions,
    incoming,
    outgoing,
    options as NodeProtectOptions & { checkStore?: false },
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
 * const found = protectMaybeSync(sessions, req, res)
 * const result = 'ok' in found ? found : await found
 * ```
 *
 * @throws PortcullisError as `protect`; the error is thrown at once or rejects the promise
 */
export function protectMaybeSync<Data extends JsonValue>(
  sessions: Sessions<Data>,
  incoming: NodeRequest,
  outgoing: HeaderTarget,
  options: NodeProtectOptions & { checkStore: true },
): Promise<NodeProtectSuccess<Session<Data>> | ProtectRejection>
export function protectMaybeSync(
  sessions: AnySessions,
  incoming: NodeRequest,
  outgoing: HeaderTarget,
  options?: NodeProtectOptions & { checkStore?: false },
):
  | NodeProtectSuccess<AuthenticatedSession>
  | Promise<NodeProtectSuccess<AuthenticatedSession> | ProtectRejection>
export function protectMaybeSync(
  sessions: Sessions,
  incoming: NodeRequest,
  outgoing: HeaderTarget,
  options?: NodeProtectOptions,
):
  | NodeProtectSuccess<AuthenticatedSession | Session>
  | Promise<NodeProtectSuccess<AuthenticatedSession | Session> | ProtectRejection> {
  const result = options === undefined
    ? protectWithoutHeaders(sessions, requestHead(incoming))
    : protectWithOptions(sessions, incoming, options)
  if (!('vary' in result)) return result.then((answer) => sendResult(answer, outgoing))
  sendVary(result.vary, outgoing)
  return result
}

function protectWithOptions(
  sessions: Sessions,
  incoming: NodeRequest,
  { origin, ...options }: NodeProtectOptions,
): ReturnType<typeof protectWithoutHeaders> {
  return protectWithoutHeaders(
    sessions,
    requestHead(incoming, origin === undefined ? {} : { origin }),
    options,
  )
}

function sendResult(
  answer: ProtectSuccess<AuthenticatedSession | Session> | ProtectRejection,
  outgoing: HeaderTarget,
): ProtectSuccess<AuthenticatedSession | Session> | ProtectRejection {
  sendHeaders(answer.headers, outgoing)
  return answer
}

/** The options of `protect` and `protectMaybeSync`. */
export interface NodeProtectOptions extends ProtectOptions, AddressOptions {}
