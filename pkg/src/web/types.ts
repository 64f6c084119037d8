/** The public types of the web layer: `sessions.protect` and `sessions.handle`. */
import type { RequestContext } from '../context/types.js'
import type { ErrorCode, PortcullisError, RejectionCode } from '../core/errors.js'
import type {
  AuthenticatedSession,
  Claims,
  Json,
  RequestHead,
  RotationDetails,
  Session,
} from '../core/types.js'
import type { Risk } from '../risk/types.js'
import type { PublishedKeys } from '../tokens/types.js'

/** What `protect` takes besides the request. */
export interface ProtectOptions {
  /**
   * Ask the store as well: a revocation is honoured at once, and the session comes with its data.
   * Default false.
   */
  fresh?: boolean
  /**
   * How long before the end of the access token to refresh it. Default a fifth of its lifetime, at
   * most 60; range 0 (once it has expired) to 3600, never more than half the lifetime. While it
   * lasts, a store that is down and a lost race are noticed by nobody: the old token is still
   * believed. Every second of it makes refreshes that much more frequent.
   */
  refreshEarlySeconds?: number
  /** The CSRF token of a form field, where there is no `x-csrf-token` header. */
  csrfToken?: string
  /**
   * Where the request comes from, for scoring: asked where it is refreshed or checked. Default: the
   * `context` of `createSessions`.
   */
  context?: ContextReader
}

/** Tells where a request comes from, as `readContext` of `portcullis/context` does. */
export type ContextReader<Request = RequestHead> = (
  request: Request,
) => RequestContext | null | undefined

/** A request that may go on. */
export interface Protected<View> {
  ok: true
  session: View
  /** Every claim of the access token: of the new one after a refresh. */
  claims: Claims
  /**
   * What the response has to carry: `Vary`, and after a refresh the cookies and `Cache-Control:
   * no-store`. `reply` makes a response with them, `withHeaders` merges them into one that is
   * there.
   */
  readonly headers: Headers
  /** Whether the request brought new cookies about. */
  refreshed: boolean
  /**
   * `new Response(body, init)` with `headers` in it, merged as `withHeaders` merges them; but
   * nothing is copied, and where there is only a `Vary` to add, `headers` are not even made.
   */
  reply(body?: ReplyBody, init?: ReplyInit): Response
}

/** What `new Response` takes. */
export type ReplyBody = ConstructorParameters<typeof Response>[0]
/** What `new Response` takes besides the body. */
export type ReplyInit = ConstructorParameters<typeof Response>[1]

/** A request that may not. */
export interface Refused {
  ok: false
  /** Why. An `ErrorCode` only with status 503. */
  code: RejectionCode | ErrorCode
  /** 400, 401, 403, 409 or 503. */
  status: number
  /** One sentence that says what to do. Holds no secret. */
  message: string
  /**
   * For a response of your own, such as a redirect to the sign-in: the cookies, `Cache-Control:
   * no-store`, `Retry-After`.
   */
  headers: Headers
  /** What was thrown, with its cause, where status is 503: for your log. Otherwise `null`. */
  error: PortcullisError | null
  /**
   * Of `ERR_RISK_STEP_UP`: who has to prove more of who they are. `response` does not tell it; nor
   * should you.
   */
  subject: string | null
  /** How strange the request was, where that was the reason. */
  risk: Risk | null
  /**
   * A ready answer (RFC 9457, `application/problem+json`) with those headers. Another one at every
   * look.
   */
  readonly response: Response
}

/** The routes of `handle`, as they follow the base path. */
export type Route = 'refresh' | 'sign-out' | 'list' | 'revoke' | 'csrf' | 'jwks'

/** What `handle` takes besides the request. */
export interface HandleOptions {
  /**
   * The path that the routes are below. Begins with `/` and does not end with one. Default
   * `'/session'`.
   */
  basePath?: string
  /**
   * Whose pages may read the answers: exact origins, such as `'https://admin.example'`; never `*`.
   * To change anything, an origin must be in `policy.trustedOrigins` too. Default: nobody else's.
   */
  cors?: { origins: string[] }
  /**
   * Whether a request may go on, asked before anything is read or verified: `true`; or `false`, or
   * after how many seconds to try again, for a 429. What it throws is thrown on.
   */
  rateLimit?: (request: Request, route: Route) => boolean | number | Promise<boolean | number>
  /** Where the request comes from, for scoring. Default: the `context` of `createSessions`. */
  context?: ContextReader<Request>
}

/** The codes of `handle`'s own problems, beside those of refusals and errors. */
export type ProblemCode = 'ERR_NOT_FOUND' | 'ERR_METHOD' | 'ERR_BODY' | 'ERR_RATE_LIMIT'

/** The JSON of a refusal, served as `application/problem+json` (RFC 9457). */
export interface Problem {
  type: 'about:blank'
  /** The status in words. */
  title: string
  status: number
  /** Stable, for programs. */
  code: RejectionCode | ErrorCode | ProblemCode
  /** One sentence for people that says what to do. */
  detail: string
}

/** An expected refusal. It is an answer, not an exception. */
export interface Rejection {
  ok: false
  code: RejectionCode
  /** The HTTP status that says it best: 400, 401, 403 or 409. */
  status: number
  /** One sentence that says what to do. Holds no secret. */
  message: string
  /** Merge these into the response. They clear cookies only where the session is truly over. */
  headers: Headers
  /** How it came about, where a refresh token was presented. */
  details: RotationDetails | null
  /**
   * How strange the request was, where that was the reason (`ERR_RISK_STEP_UP`,
   * `ERR_SESSION_RISK`). Otherwise `null`. Not for the user's eyes: it says what to imitate.
   */
  risk: Risk | null
  /**
   * Of `ERR_RISK_STEP_UP`: who has to prove more of who they are. Do not tell it to whoever asks.
   */
  subject: string | null
}

export interface Authenticated {
  ok: true
  session: AuthenticatedSession
  /** Every claim of the access token. */
  claims: Claims
}

/** A request whose session was looked up: a revocation is honoured at once. */
export interface Checked<Data extends Json = Json> {
  ok: true
  session: Session<Data>
  /** Every claim of the access token. */
  claims: Claims
  /** How strange the request was; `null` where no `context` was given. */
  risk: Risk | null
}

export interface Refreshed<Data extends Json = Json> {
  ok: true
  session: Session<Data>
  accessToken: string
  /** In bearer transport, where it is a new one; otherwise `null`. */
  refreshToken: string | null
  /**
   * False within `throttleSeconds` of the last rotation: a new access token, the same refresh
   * token.
   */
  rotated: boolean
  headers: Headers
  /** How strange the request was; `null` where no `context` was given. */
  risk: Risk | null
}

export interface SignedOut {
  ok: true
  /** False when the request carried no session that was still alive. */
  revoked: boolean
  /** Clears both cookies. */
  headers: Headers
}

/**
 * The operations of `Sessions` that this layer calls: it stands below sessions and cannot import
 * their type.
 */
export interface SessionOperations {
  authenticate(request: RequestHead): Authenticated | Rejection
  authenticate(
    request: RequestHead,
    options: { fresh: true; csrfToken?: string; context?: RequestContext },
  ): Promise<Checked | Rejection>
  refresh(
    request: RequestHead,
    options?: { refreshToken?: string; context?: RequestContext },
  ): Promise<Refreshed | Rejection>
  signOut(request: RequestHead, options?: { refreshToken?: string }): Promise<SignedOut | Rejection>
  list(subject: string): Promise<Session[]>
  revoke(sessionId: string): Promise<boolean>
  csrfToken(
    answer: { session: { id: string; authenticatedAtMs: number; acr: string | null } },
  ): string
  jwks(): PublishedKeys
  protect(
    request: RequestHead,
    options?: ProtectOptions & { fresh?: false },
  ): Promise<Protected<AuthenticatedSession> | Refused>
}
