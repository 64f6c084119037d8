/**
 * One call for every request: authenticate, refresh where that is due, CSRF, and the headers of it
 * all.
 *
 * | row | authenticate | refresh | the answer | its cookies |
 * |---|---|---|---|---|
 * | 1 | yes, not near its end | is not asked | ok | none |
 * | 2 | yes, near its end | yes | authenticate is asked again: ok, or its refusal | those of the refresh |
 * | 3 | yes, near its end | the session is over (`ERR_SESSION_*`) | that refusal | those of the refusal: it may clear |
 * | 4 | yes, near its end | another refusal, or 503 | ok, by the old token | none |
 * | 5 | 400 or 403 | is not asked | that refusal | none |
 * | 6 | 401, and there are no cookies at all | is not asked | that refusal | none |
 * | 7 | 401 | yes | authenticate is asked again: ok, or its refusal | those of the refresh |
 * | 8 | 401 | `ERR_REFRESH_MISSING` | what authenticate said | none |
 * | 9 | 401 | another refusal: 400, 401, 403, 409 | that refusal | those of the refusal: it may clear |
 * | 10 | 401 | 503 | 503, `Retry-After: 1` | none |
 *
 * With `fresh` an ok of rows 1 and 4 is followed by a look at the store: ok, its refusal, or 503.
 * After a refresh the store was looked at just now. Where authenticate is asked again, a refusal (a
 * CSRF token that is no good) carries the cookies of the refresh all the same: that write has
 * landed. A prefetch never refreshes (`refresh` says so): rows 4 and 9.
 */
import type { RequestContext } from '../context/types.js'
import { rejectUnknownOptions } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import type { AuthenticatedSession, Claims, RequestHead, Session } from '../core/types.js'
import { mergeHeaders, responseWithVary } from './merge-headers.js'
import { rethrowUnlessUnavailable, toProtectRejection, toUnavailableRejection } from './problem.js'
import type {
  Authenticated,
  Checked,
  ContextReader,
  Protected,
  ProtectOptions,
  Refreshed,
  Refused,
  Rejection,
  ReplyBody,
  ReplyInit,
  SessionOperations,
} from './types.js'

/** The sessions, and what the web layer needs to know of them that is nobody else's business. */
export interface SessionInternals {
  sessions: SessionOperations
  /** Milliseconds since 1970. */
  now(): number
  /** `authenticate`, of which the time is known. */
  authenticate(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): Authenticated | Rejection
  /** Whether tokens travel in `Authorization` and in bodies. */
  usesBearer: boolean
  /**
   * As `authenticate`, for an access token that the client does not have yet. It is not the first
   * use of anything: were it written down as one, a client that never got the answer would be taken
   * for a thief when it comes back.
   */
  authenticateUnconfirmed(
    request: RequestHead,
    csrfToken: string | undefined,
  ): Authenticated | Rejection
}

export type ProtectedSession = AuthenticatedSession | Session

/**
 * Row 1 of a request whose answer has nothing to say but `Vary`: this name in it. Nearly every
 * answer.
 */
export interface UnchangedSuccess {
  ok: true
  session: ProtectedSession
  claims: Claims
  vary: string
  refreshed: false
}

const registeredInternals = new WeakMap<object, SessionInternals>()

/** Remembers the stage of these sessions, for `glanceAt`. */
export function registerInternals(internals: SessionInternals): SessionInternals {
  registeredInternals.set(internals.sessions, internals)
  return internals
}

/**
 * As `authenticate`, where the request is one that this server has made up itself: a render after
 * `protect`, or a request of such a render. Its token may be one that the client does not have yet,
 * and may never get.
 */
export function authenticateRender(
  sessions: SessionOperations,
  request: Request,
): Authenticated | Rejection {
  const internals = registeredInternals.get(sessions)
  return internals === undefined
    ? sessions.authenticate(request)
    : internals.authenticateUnconfirmed(request, undefined)
}

const OPTIONS: Record<keyof ProtectOptions, true> = {
  fresh: true,
  refreshEarlySeconds: true,
  csrfToken: true,
  context: true,
}

export async function protect(
  internals: SessionInternals,
  request: RequestHead,
  options?: ProtectOptions,
): Promise<Protected<ProtectedSession> | Refused> {
  const result = evaluate(internals, request, options)
  return 'vary' in result ? withVary(result) : result
}

/**
 * As `protect` for those who put `Vary` into an answer themselves: headers that nobody asks for are
 * not made, and nobody waits for what is known at once. Throws, or rejects, as `protect` rejects.
 */
export function protectWithoutHeaders(
  sessions: SessionOperations,
  request: RequestHead,
  options?: ProtectOptions,
): UnchangedSuccess | Promise<Protected<ProtectedSession> | Refused> {
  const internals = registeredInternals.get(sessions)
  // The application may have wrapped its sessions, to log or to count.
  return internals === undefined
    ? sessions.protect(request, options as ProtectOptions & { fresh?: false })
    : evaluate(internals, request, options)
}

/** Row 1 without the store is known at once. */
function evaluate(
  internals: SessionInternals,
  request: RequestHead,
  options: ProtectOptions | undefined,
): UnchangedSuccess | Promise<Protected<ProtectedSession> | Refused> {
  if (options !== undefined) checkOptions(options)
  try {
    const now = internals.now()
    const result = internals.authenticate(request, options?.csrfToken, now)
    const isGood = result.ok
      && (!isNearExpiry(result, now, options?.refreshEarlySeconds)
        || !request.headers.has('cookie'))
    if (!isGood) return refreshAndRetry(internals, request, result, options).catch(toUnavailable)
    return options?.fresh === true
      ? checkStoreIfAsked(internals, request, result, options).catch(toUnavailable)
      : toUnchanged(internals, result)
  } catch (error) {
    return Promise.resolve(toUnavailable(error))
  }
}

function toUnavailable(error: unknown): Refused {
  return toUnavailableRejection(rethrowUnlessUnavailable(error))
}

/** All but row 1. */
async function refreshAndRetry(
  internals: SessionInternals,
  request: RequestHead,
  result: Authenticated | Rejection,
  options: ProtectOptions = {},
): Promise<Protected<ProtectedSession> | Refused> {
  if (!result.ok && (result.status !== 401 || !request.headers.has('cookie'))) {
    return toProtectRejection(result)
  }
  const refreshResult = await internals.sessions.refresh(
    request,
    contextOption(request, options.context),
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

/** What the application's reader throws is the application's to hear. */
export function contextOption<Target>(
  request: Target,
  context: ContextReader<Target> | undefined,
): { context?: RequestContext } {
  const requestContext = context?.(request)
  return requestContext === undefined || requestContext === null ? {} : { context: requestContext }
}

/** Rows 3 and 4. */
function keepOldToken(
  internals: SessionInternals,
  request: RequestHead,
  result: Authenticated,
  refreshResult: Rejection | PortcullisError,
  options: ProtectOptions,
): Promise<Protected<ProtectedSession> | Refused> | Refused {
  const isOver = !(refreshResult instanceof PortcullisError)
    && refreshResult.code.startsWith('ERR_SESSION_')
  return isOver
    ? toProtectRejection(refreshResult)
    : checkStoreIfAsked(internals, request, result, options)
}

/** Rows 8 to 10. */
function refreshFailed(result: Rejection, refreshResult: Rejection | PortcullisError): Refused {
  if (refreshResult instanceof PortcullisError) return toUnavailableRejection(refreshResult)
  return toProtectRejection(refreshResult.code === 'ERR_REFRESH_MISSING' ? result : refreshResult)
}

/** Rows 1 and 4, by the store as well where that is wanted. */
async function checkStoreIfAsked(
  internals: SessionInternals,
  request: RequestHead,
  result: Authenticated,
  options: ProtectOptions,
): Promise<Protected<ProtectedSession> | Refused> {
  if (options.fresh !== true) return withVary(toUnchanged(internals, result))
  const checkResult = await internals.sessions.authenticate(request, {
    ...csrfTokenOption(options),
    ...contextOption(request, options.context),
    fresh: true,
  })
  return checkResult.ok
    ? withVary(toUnchanged(internals, checkResult))
    : toProtectRejection(checkResult)
}

function toUnchanged(
  { usesBearer }: SessionInternals,
  { session, claims }: Authenticated | Checked,
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
 * The headers are the application's from here on, and it may change them: every answer has its own.
 * They are made where somebody looks at them: in workerd that takes as long as all that came
 * before.
 */
function withVary({ session, claims, vary }: UnchangedSuccess): Protected<ProtectedSession> {
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
  // Half the price of handing it to the constructor, in Node.
  headers.set('vary', vary)
  return headers
}

/**
 * Rows 2 and 7: the request is judged by the session as it is now. From here on no answer may lose
 * the cookies.
 */
function authenticateRefreshed(
  internals: SessionInternals,
  request: RequestHead,
  { session, accessToken, headers }: Refreshed,
  options: ProtectOptions,
): Protected<ProtectedSession> | Refused {
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
      session: options.fresh === true ? session : result.session,
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
 * The request as its client will send it next. Only what is looked at: a browser would not let us
 * write its cookies.
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
 * The default: what a page needs until its next request, but no more than makes a quarter more
 * refreshes.
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
  if (options.context !== undefined && typeof options.context !== 'function') {
    throw new PortcullisError('ERR_ARGUMENT', 'context must be a function that takes the request.')
  }
  if (early !== undefined && !(typeof early === 'number' && early >= 0 && early <= 3600)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'refreshEarlySeconds must be a number of seconds from 0 to 3600.',
    )
  }
}
