/** The public types of the web layer: `sessions.protect` and `sessions.handle`. */
import type { RequestContext } from '../context/types.js'
import type { ErrorCode, PortcullisError, RejectionCode } from '../core/errors.js'
import type {
  AuthenticatedSession,
  Claims,
  JsonValue,
  RequestHead,
  RotationDetails,
  Session,
} from '../core/types.js'
import type { RiskAssessment } from '../risk/types.js'
import type { JwksResponse } from '../tokens/types.js'

/** The options of `protect`. */
export interface ProtectOptions {
  /**
   * Whether to check the store as well: a revocation then takes effect at once, and the session
   * comes with its data. Default false.
   */
  checkStore?: boolean
  /**
   * The time before the expiry of the access token at which it is refreshed, in seconds. Default a
   * fifth of its lifetime, at most 60; range 0 (once it has expired) to 3600, and never more than
   * half the lifetime. In this time the old token is still accepted if the store fails or another
   * request refreshes first. A longer time makes refreshes more frequent.
   */
  refreshEarlySeconds?: number
  /** The CSRF token of a form field, if there is no `x-csrf-token` header. */
  csrfToken?: string
  /**
   * Reads the request context for risk assessment. It is called when the request is refreshed or
   * checked against the store. Default: the `contextReader` of `createSessions`.
   */
  contextReader?: ContextReader
}

/** Reads the context of a request, as `readContext` of `portcullis/context` does. */
export type ContextReader<Request = RequestHead> = (
  request: Request,
) => RequestContext | null | undefined

/** The result of `protect` for a request that is allowed. */
export interface ProtectSuccess<View> {
  /** Whether the request is allowed: always true. */
  ok: true
  /** The session of the request. It has its data only with `checkStore: true`. */
  session: View
  /** All claims of the access token, of the new one after a refresh. */
  claims: Claims
  /**
   * The headers that the response must carry: `Vary`, and after a refresh the cookies and
   * `Cache-Control: no-store`. `reply` creates a response with them; `withHeaders` merges them into
   * an existing response.
   */
  readonly headers: Headers
  /** Whether the session was refreshed, so that `headers` set new cookies. */
  refreshed: boolean
  /**
   * Creates a response as `new Response(body, init)` does, with `headers` merged in. This copies
   * nothing and is faster than `withHeaders`.
   */
  reply(body?: ReplyBody, init?: ReplyInit): Response
}

/** The body of a response, as `new Response` takes it. */
export type ReplyBody = ConstructorParameters<typeof Response>[0]
/** The status and headers of a response, as `new Response` takes them. */
export type ReplyInit = ConstructorParameters<typeof Response>[1]

/** The result of `protect` for a request that is rejected. */
export interface ProtectRejection {
  /** Whether the request is allowed: always false. */
  ok: false
  /** The code of the rejection. It is an `ErrorCode` only if the status is 503. */
  code: RejectionCode | ErrorCode
  /** The HTTP status: 400, 401, 403, 409 or 503. */
  status: number
  /** A sentence that says what is wrong and what to do. It contains no secret. */
  message: string
  /**
   * The headers for a custom response, such as a redirect to the sign-in: the cookies,
   * `Cache-Control: no-store` and `Retry-After`.
   */
  headers: Headers
  /** The error that was thrown, with its cause, if the status is 503: log it. Otherwise `null`. */
  error: PortcullisError | null
  /** The facts of the rotation decision, if a refresh token was presented. Otherwise `null`. */
  rotation: RotationDetails | null
  /**
   * The subject that must step up, for `ERR_RISK_STEP_UP_REQUIRED`. Otherwise `null`. `response`
   * does not reveal the subject, and a custom response must not either.
   */
  subject: string | null
  /** The risk assessment, if it is the reason. Otherwise `null`. */
  risk: RiskAssessment | null
  /**
   * A complete response (RFC 9457, `application/problem+json`) with `headers`. Each access creates
   * a new one.
   */
  readonly response: Response
}

/** The routes of `handle`: the parts of the path after the base path. */
export type Route = 'refresh' | 'sign-out' | 'list' | 'revoke' | 'csrf' | 'jwks'

/** The options of `handle`. */
export interface HandleOptions {
  /**
   * The path that the routes are below. It begins with `/` and does not end with it. Default
   * `'/session'`.
   */
  basePath?: string
  /**
   * The exact origins whose pages may read the responses, such as `'https://admin.example'`; never
   * `*`. To change anything, an origin must also be in `policy.trustedOrigins`. Default: only the
   * site itself.
   */
  cors?: { origins: string[] }
  /**
   * The rate limit, called before the request is read or verified. Return `true` to allow the
   * request; `false`, or the number of seconds to wait, for a 429. Its errors are thrown on.
   */
  rateLimit?: (request: Request, route: Route) => boolean | number | Promise<boolean | number>
  /**
   * Reads the request context for risk assessment. Default: the `contextReader` of
   * `createSessions`.
   */
  contextReader?: ContextReader<Request>
}

/** The codes of problems that `handle` itself finds, besides those of rejections and errors. */
export type ProblemCode =
  | 'ERR_NOT_FOUND'
  | 'ERR_METHOD_NOT_ALLOWED'
  | 'ERR_BODY_INVALID'
  | 'ERR_RATE_LIMITED'

/** The JSON body of a rejection, served as `application/problem+json` (RFC 9457). */
export interface Problem {
  /** The problem type (RFC 9457 section 3.1.1): always `about:blank`, as `code` has the details. */
  type: 'about:blank'
  /** The reason phrase of the status. */
  title: string
  /** The HTTP status of the response. */
  status: number
  /** A stable code for programs. */
  code: RejectionCode | ErrorCode | ProblemCode
  /** A sentence for people that says what to do. */
  detail: string
}

/** An expected rejection. It is returned, not thrown. */
export interface Rejection {
  /** Whether the operation succeeded: always false. */
  ok: false
  /** The stable code of the rejection, see docs/errors.md. */
  code: RejectionCode
  /** The matching HTTP status: 400, 401, 403 or 409. */
  status: number
  /** A sentence that says what is wrong and what to do. It contains no secret. */
  message: string
  /**
   * The headers to merge into the response. They clear the cookies only if the session has ended.
   */
  headers: Headers
  /** The facts of the rotation decision, if a refresh token was presented. Otherwise `null`. */
  rotation: RotationDetails | null
  /**
   * The risk assessment, if it is the reason (`ERR_RISK_STEP_UP_REQUIRED`,
   * `ERR_SESSION_RISK_REVOKED`). Otherwise `null`. Do not show it to the user: it tells an attacker
   * what to imitate.
   */
  risk: RiskAssessment | null
  /**
   * The subject that must step up, for `ERR_RISK_STEP_UP_REQUIRED`. Otherwise `null`. Do not reveal
   * the subject to the client.
   */
  subject: string | null
}

/** The result of `authenticate` for a request with a valid access token. */
export interface AuthenticateSuccess {
  /** Whether the operation succeeded: always true. */
  ok: true
  /** The session as the access token describes it. */
  session: AuthenticatedSession
  /** All claims of the access token. */
  claims: Claims
}

/** The result of `authenticate` with a check of the store: a revocation takes effect at once. */
export interface SessionCheckSuccess<Data extends JsonValue = JsonValue> {
  /** Whether the operation succeeded: always true. */
  ok: true
  /** The session as its record in the store describes it, with its data. */
  session: Session<Data>
  /** All claims of the access token. */
  claims: Claims
  /** The risk assessment of the request; `null` without a `context`. */
  risk: RiskAssessment | null
}

/** The result of a successful refresh. */
export interface RefreshSuccess<Data extends JsonValue = JsonValue> {
  /** Whether the operation succeeded: always true. */
  ok: true
  /** The session after the refresh, with its data. */
  session: Session<Data>
  /** The new access token. With cookie transport, `headers` set it as well. */
  accessToken: string
  /**
   * The new refresh token with bearer transport; `null` if it was not rotated, and with cookies.
   */
  refreshToken: string | null
  /**
   * Whether the refresh token was rotated. False within `minRotationIntervalSeconds` of the last
   * rotation: the access token is new, the refresh token is unchanged.
   */
  rotated: boolean
  /** The headers to merge into the response: the new cookies and `Cache-Control: no-store`. */
  headers: Headers
  /** The risk assessment of the request; `null` without a `context`. */
  risk: RiskAssessment | null
}

/** The result of a successful sign-out. */
export interface SignOutSuccess {
  /** Whether the operation succeeded: always true. */
  ok: true
  /** Whether a session was revoked. False if the request carried no active session. */
  revoked: boolean
  /** The headers that clear the session cookies. */
  headers: Headers
}

/**
 * The operations of `Sessions` that this layer calls. The layer is below sessions and cannot import
 * their type.
 */
export interface SessionOperations {
  authenticate(request: RequestHead): AuthenticateSuccess | Rejection
  authenticate(
    request: RequestHead,
    options: { checkStore: true; csrfToken?: string; context?: RequestContext },
  ): Promise<SessionCheckSuccess | Rejection>
  refresh(
    request: RequestHead,
    options?: { refreshToken?: string; context?: RequestContext },
  ): Promise<RefreshSuccess | Rejection>
  signOut(
    request: RequestHead,
    options?: { refreshToken?: string },
  ): Promise<SignOutSuccess | Rejection>
  list(subject: string): Promise<Session[]>
  revoke(sessionId: string): Promise<boolean>
  csrfToken(
    answer: { session: { id: string; authenticatedAtMs: number; acr: string | null } },
  ): string
  jwks(): JwksResponse
  protect(
    request: RequestHead,
    options?: ProtectOptions & { checkStore?: false },
  ): Promise<ProtectSuccess<AuthenticatedSession> | ProtectRejection>
}
