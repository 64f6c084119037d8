/**
 * Protects one request: authenticates it, refreshes the session if that is due, checks CSRF, and
 * collects the response headers.
 *
 * | row | authenticate | refresh | result | its cookies |
 * |---|---|---|---|---|
 * | 1 | ok, not near expiry | not called | ok | none |
 * | 2 | ok, near expiry | ok | authenticate again: ok or its rejection | those of the refresh |
 * | 3 | ok, near expiry | session over: `ERR_SESSION_*` | that rejection | those of the rejection |
 * | 4 | ok, near expiry | another rejection, or 503 | ok, by the old token | none |
 * | 5 | 400 or 403 | not called | that rejection | none |
 * | 6 | 401, request without cookies | not called | that rejection | none |
 * | 7 | 401 | ok | authenticate again: ok or its rejection | those of the refresh |
 * | 8 | 401 | `ERR_REFRESH_MISSING` | the rejection of authenticate | none |
 * | 9 | 401 | another rejection: 400, 401, 403, 409 | that rejection | those of the rejection |
 * | 10 | 401 | 503 | 503, `Retry-After: 1` | none |
 *
 * With `checkStore`, an ok of rows 1 and 4 is followed by a check of the store: ok, its rejection,
 * or
 * 503. A refresh has itself read the store. In rows 2 and 7 even a rejection, such as for an
 * invalid CSRF token, carries the cookies of the refresh, because that write has succeeded. The
 * cookies of a rejection may clear the session cookies. `refresh` rejects a prefetch: rows 4 and 9.
 */
import type { RequestContext } from '../context/types.js'
import { rejectUnknownOptions } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import type { AuthenticatedSession, Claims, RequestHead, Session } from '../core/types.js'
import { mergeHeaders, responseWithVary } from './merge-headers.js'
import { rethrowUnlessUnavailable, toProtectRejection, toUnavailableRejection } from './problem.js'
import type {
  AuthenticateSuccess,
  ContextReader,
  ProtectOptions,
  ProtectRejection,
  ProtectSuccess,
  RefreshSuccess,
  Rejection,
  ReplyBody,
  ReplyInit,
  SessionCheckSuccess,
  SessionOperations,
} from './types.js'

/** The sessions and their internal operations that the web layer needs. */
export interface SessionInternals {
  sessions: SessionOperations
  /** Returns the current time in milliseconds since 1970. */
  now(): number
  /** Authenticates a request at a known time. */
  authenticate(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): AuthenticateSuccess | Rejection
  /** Whether the site uses the bearer transport (RFC 6750). */
  usesBearer: boolean
  /**
   * Authenticates an access token that the client may not have received yet. This is not the first
   * use of its generation: recording it would close the previous generation, and a client that lost
   * the response could not retry.
   */
  authenticateUnconfirmed(
    request: RequestHead,
    csrfToken: string | undefined,
  ): AuthenticateSuccess | Rejection
  /** Authenticates a request and checks its session in the store. */
  check(request: RequestHead, options: CheckOptions): Promise<SessionCheckSuccess | Rejection>
  /** The same for a token that the client may not have received yet. */
  checkUnconfirmed(
    request: RequestHead,
    options: CheckOptions,
  ): Promise<SessionCheckSuccess | Rejection>
  /** Whether the requests are those that a server sends to itself while it renders. */
  isInner: boolean
}

interface CheckOptions {
  csrfToken?: string
  context?: RequestContext
}

/**
 * The session of a protected request. It has its data only if the store was checked (`checkStore`).
 */
export type ProtectedSession = AuthenticatedSession | Session

/** The success of row 1. Its response needs only one name in `Vary`, as most responses do. */
export interface UnchangedSuccess {
  ok: true
  session: ProtectedSession
  claims: Claims
  /** The name to add to `Vary`: `Cookie` or `Authorization`. */
  vary: string
  refreshed: false
}

const registeredInternals = new WeakMap<object, SessionInternals>()

/**
 * Registers the internal operations of these sessions for `authenticateRender` and
 * `protectWithoutHeaders`.
 */
export function registerInternals(internals: SessionInternals): SessionInternals {
  registeredInternals.set(internals.sessions, internals)
  return internals
}

/**
 * Gives the internals for requests that a server sends to itself while it renders, as SvelteKit's
 * `event.fetch` does. They neither refresh nor confirm a token: the browser may lose the response
 * that has its cookies. Gives `undefined` for an object that wraps sessions.
 */
export function innerInternals(sessions: object): SessionInternals | undefined {
  const internals = registeredInternals.get(sessions)
  return internals === undefined ? undefined : {
    ...internals,
    authenticate: (request, csrfToken) => internals.authenticateUnconfirmed(request, csrfToken),
    check: internals.checkUnconfirmed,
    isInner: true,
  }
}

/**
 * Authenticates a request that the server itself has created: a render after `protect`, or a
 * request of such a render. The client may never receive its token.
 */
export function authenticateRender(
  sessions: SessionOperations,
  request: Request,
): AuthenticateSuccess | Rejection {
  const internals = registeredInternals.get(sessions)
  return internals === undefined
    ? sessions.authenticate(request)
    : internals.authenticateUnconfirmed(request, undefined)
}

const OPTIONS: Record<keyof ProtectOptions, true> = {
  checkStore: true,
  refreshEarlySeconds: true,
  csrfToken: true,
  contextReader: true,
}

/** Implements `sessions.protect` by the table above. */
export async function protect(
  internals: SessionInternals,
  request: RequestHead,
  options?: ProtectOptions,
): Promise<ProtectSuccess<ProtectedSession> | ProtectRejection> {
  const result = evaluate(internals, request, options)
  return 'vary' in result ? withVary(result) : result
}

/**
 * Protects a request for an adapter that adds `Vary` itself. No headers are created for row 1, and
 * its result is returned without a promise. Other results and all errors are those of `protect`; an
 * error may be thrown at once.
 */
export function protectWithoutHeaders(
  sessions: SessionOperations,
  request: RequestHead,
  options?: ProtectOptions,
): UnchangedSuccess | Promise<ProtectSuccess<ProtectedSession> | ProtectRejection> {
  const internals = registeredInternals.get(sessions)
  // The application may pass an object that wraps its sessions, for example to log calls.
  return internals === undefined
    ? sessions.protect(request, options as ProtectOptions & { checkStore?: false })
    : evaluate(internals, request, options)
}

/** Evaluates the table. Row 1 is returned without a promise, unless the store is checked. */
function evaluate(
  internals: SessionInternals,
  request: RequestHead,
  options: ProtectOptions | undefined,
): UnchangedSuccess | Promise<ProtectSuccess<ProtectedSession> | ProtectRejection> {
  if (options !== undefined) checkOptions(options)
  try {
    const now = internals.now()
    const result = internals.authenticate(request, options?.csrfToken, now)
    const isGood = result.ok
      && (internals.isInner
        || !isNearExpiry(result, now, options?.refreshEarlySeconds)
        || !request.headers.has('cookie'))
    if (!result.ok && internals.isInner) return Promise.resolve(toProtectRejection(result))
    if (!isGood) return refreshAndRetry(internals, request, result, options).catch(toUnavailable)
    return options?.checkStore === true
      ? checkStoreIfAsked(internals, request, result, options).catch(toUnavailable)
      : toUnchanged(internals, result)
  } catch (error) {
    return Promise.resolve(toUnavailable(error))
  }
}

function toUnavailable(error: unknown): ProtectRejection {
  return toUnavailableRejection(rethrowUnlessUnavailable(error))
}

/** Handles all rows except row 1. */
async function refreshAndRetry(
  internals: SessionInternals,
  request: RequestHead,
  result: AuthenticateSuccess | Rejection,
  options: ProtectOptions = {},
): Promise<ProtectSuccess<ProtectedSession> | ProtectRejection> {
  if (!result.ok && (result.status !== 401 || !request.headers.has('cookie'))) {
    return toProtectRejection(result)
  }
  const refreshResult = await internals.sessions.refresh(
    request,
    contextOption(request, options.contextReader),
  )
    .catch(
      rethrowUnlessUnavailable,
    )
  if (!(refreshResult instanceof PortcullisError) && refreshResult.ok) {
    return authenticateRefreshed(internals, request, refreshResult, options)
  }
  return result.ok
    ? keepOldToken(internals, request, result, refreshResult, options)
    : refreshFailed(result, refreshResult)
}

/** Calls the context reader of the application. An error of the reader is thrown on. */
export function contextOption<Target>(
  request: Target,
  context: ContextReader<Target> | undefined,
): { context?: RequestContext } {
  const requestContext = context?.(request)
  return requestContext === undefined || requestContext === null ? {} : { context: requestContext }
}

/** Handles rows 3 and 4 of the table. */
function keepOldToken(
  internals: SessionInternals,
  request: RequestHead,
  result: AuthenticateSuccess,
  refreshResult: Rejection | PortcullisError,
  options: ProtectOptions,
): Promise<ProtectSuccess<ProtectedSession> | ProtectRejection> | ProtectRejection {
  const isOver = !(refreshResult instanceof PortcullisError)
    && refreshResult.code.startsWith('ERR_SESSION_')
  return isOver
    ? toProtectRejection(refreshResult)
    : checkStoreIfAsked(internals, request, result, options)
}

/** Handles rows 8 to 10 of the table. */
function refreshFailed(
  result: Rejection,
  refreshResult: Rejection | PortcullisError,
): ProtectRejection {
  if (refreshResult instanceof PortcullisError) return toUnavailableRejection(refreshResult)
  return toProtectRejection(refreshResult.code === 'ERR_REFRESH_MISSING' ? result : refreshResult)
}

/** Handles rows 1 and 4, and checks the store if the options ask for it. */
async function checkStoreIfAsked(
  internals: SessionInternals,
  request: RequestHead,
  result: AuthenticateSuccess,
  options: ProtectOptions,
): Promise<ProtectSuccess<ProtectedSession> | ProtectRejection> {
  if (options.checkStore !== true) return withVary(toUnchanged(internals, result))
  const checkResult = await internals.check(request, {
    ...csrfTokenOption(options),
    ...contextOption(request, options.contextReader),
  })
  return checkResult.ok
    ? withVary(toUnchanged(internals, checkResult))
    : toProtectRejection(checkResult)
}

function toUnchanged(
  { usesBearer }: SessionInternals,
  { session, claims }: AuthenticateSuccess | SessionCheckSuccess,
): UnchangedSuccess {
  return {
    ok: true,
    session,
    claims,
    vary: usesBearer ? 'Authorization' : 'Cookie',
    refreshed: false,
  }
}

/**
 * Adds `headers` and `reply` to a success. The application may change the headers, so each result
 * has its own. They are created at the first access. measured: see performance.md, Adding Vary
 */
function withVary({ session, claims, vary }: UnchangedSuccess): ProtectSuccess<ProtectedSession> {
  let headers: Headers | undefined
  const reply = (
    body?: ReplyBody,
    init?: ReplyInit,
  ) => (headers === undefined
    ? responseWithVary(body, init, vary)
    : mergeHeaders(new Response(body, init), headers))
  return {
    ok: true,
    session,
    claims,
    get headers() {
      headers ??= createVaryHeaders(vary)
      return headers
    },
    refreshed: false,
    reply,
  }
}

function createVaryHeaders(vary: string): Headers {
  const headers = new Headers()
  // measured: see performance.md, Adding Vary
  headers.set('vary', vary)
  return headers
}

/**
 * Handles rows 2 and 7: authenticates the request by the refreshed session. From here on every
 * result must carry the cookies of the refresh.
 */
function authenticateRefreshed(
  internals: SessionInternals,
  request: RequestHead,
  { session, accessToken, headers }: RefreshSuccess,
  options: ProtectOptions,
): ProtectSuccess<ProtectedSession> | ProtectRejection {
  try {
    const result = internals.authenticateUnconfirmed(
      withAccessToken(request, accessToken, headers),
      options.csrfToken,
    )
    if (!result.ok) return toProtectRejection({ ...result, headers })
    const reply = (body?: ReplyBody, init?: ReplyInit) =>
      mergeHeaders(new Response(body, init), headers)
    return {
      ok: true,
      session: options.checkStore === true ? session : result.session,
      claims: result.claims,
      headers,
      refreshed: true,
      reply,
    }
  } catch (error) {
    return toUnavailableRejection(rethrowUnlessUnavailable(error), headers)
  }
}

/**
 * Returns the request as its client will send it with the new cookie. It is a plain object, because
 * a browser does not let scripts set the Cookie header of a Request.
 */
function withAccessToken(
  { method, url, headers: source }: RequestHead,
  accessToken: string,
  set: Headers,
): RequestHead {
  const headers = new Headers([...source])
  const line = set.getSetCookie().find((line) =>
    line.slice(line.indexOf('=') + 1).split(';', 1)[0] === accessToken
  )
  headers.set('cookie', line?.split(';', 1)[0] ?? '')
  return { method, url, headers }
}

/**
 * The default time before expiry at which a token is refreshed: a fifth of its lifetime, which
 * makes refreshes a quarter more frequent, and at most 60 seconds, which is enough until the next
 * request of a page.
 */
const MAX_EARLY_SECONDS = 60
const EARLY_LIFETIME_SHARE = 1 / 5

function isNearExpiry(
  { claims }: { claims: Claims },
  now: number,
  earlySeconds: number | undefined,
): boolean {
  const { iat, exp } = claims as { iat: number; exp: number }
  const lifetime = exp - iat
  const early = Math.min(
    earlySeconds ?? Math.min(lifetime * EARLY_LIFETIME_SHARE, MAX_EARLY_SECONDS),
    lifetime / 2,
  )
  return exp - now / 1000 <= early
}

function csrfTokenOption({ csrfToken }: ProtectOptions): { csrfToken?: string } {
  return csrfToken === undefined ? {} : { csrfToken }
}

function checkOptions(options: ProtectOptions): void {
  rejectUnknownOptions(options, OPTIONS, 'protect')
  const { refreshEarlySeconds: early } = options
  if (options.contextReader !== undefined && typeof options.contextReader !== 'function') {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Invalid contextReader: pass a function that takes the request.',
    )
  }
  if (early !== undefined && !(typeof early === 'number' && early >= 0 && early <= 3600)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Invalid refreshEarlySeconds: pass a number from 0 to 3600.',
    )
  }
}
