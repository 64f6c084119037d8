/**
 * node:http and node:http2: web-standard requests out of theirs, and our headers and responses into
 * theirs.
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

/** A request that may go on. What its answer has to say is in the response already. */
export interface Admitted<View> {
  ok: true
  session: View
  /** Every claim of the access token: of the new one after a refresh. */
  claims: Claims
  /** Whether the request brought new cookies about. */
  refreshed: boolean
}

/**
 * `sessions.protect` for node:http in one call: `requestHead` before it, `sendHeaders` after it,
 * and none of the web-standard objects between them where nobody looks at them. Cookies and `Vary`
 * are in the response when it has answered, those of a refusal too: `if (!answer.ok) return
 * sendResponse(answer.response, outgoing)`.
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
 * The same for who is in a hurry: an access token that is good, and not near its end, is answered
 * at once, and everything else by a promise. A response that is sent before the handler has waited
 * for anything is sent sooner, by 5 of 70 microseconds: `const found = protectAtOnce(...)`, then
 * `'ok' in found ? found : await found`.
 *
 * @throws PortcullisError as `protect`; at once, or by a promise that rejects
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

/** What `protect` takes besides the request and the response. */
export interface NodeProtectOptions extends ProtectOptions, AddressOptions {}
