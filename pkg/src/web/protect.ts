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
import { PortcullisError } from '../errors.js'
import { refuseUnknown } from '../inputs.js'
import type {
  Authenticated,
  AuthenticatedSession,
  Checked,
  Claims,
  Refreshed,
  Rejection,
  RequestHead,
  Session,
  Sessions,
} from '../types.js'
import { merged, varying } from './merge.js'
import { passing, refused, unavailable } from './problem.js'
import type {
  ContextReader,
  Protected,
  ProtectOptions,
  Refused,
  ReplyBody,
  ReplyInit,
} from './types.js'

/** The sessions, and what the web layer needs to know of them that is nobody else's business. */
export interface Stage {
  sessions: Sessions
  /** Milliseconds since 1970. */
  now(): number
  /** `authenticate`, of which the time is known. */
  authenticate(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): Authenticated | Rejection
  /** Whether tokens travel in `Authorization` and in bodies. */
  bearer: boolean
  /**
   * As `authenticate`, for an access token that the client does not have yet. It is not the first
   * use of anything: were it written down as one, a client that never got the answer would be taken
   * for a thief when it comes back.
   */
  glance(request: RequestHead, csrfToken: string | undefined): Authenticated | Rejection
}

type View = AuthenticatedSession | Session

/**
 * Row 1 of a request whose answer has nothing to say but `Vary`: this name in it. Nearly every
 * answer.
 */
export interface Plain {
  ok: true
  session: View
  claims: Claims
  vary: string
  refreshed: false
}

const stages = new WeakMap<object, Stage>()

/** Remembers the stage of these sessions, for `glanceAt`. */
export function staged(stage: Stage): Stage {
  stages.set(stage.sessions, stage)
  return stage
}

/**
 * As `authenticate`, where the request is one that this server has made up itself: a render after
 * `protect`, or a request of such a render. Its token may be one that the client does not have yet,
 * and may never get.
 */
export function glanceAt(sessions: Sessions, request: Request): Authenticated | Rejection {
  const stage = stages.get(sessions)
  return stage === undefined ? sessions.authenticate(request) : stage.glance(request, undefined)
}

const OPTIONS: Record<keyof ProtectOptions, true> = {
  fresh: true,
  refreshEarlySeconds: true,
  csrfToken: true,
  context: true,
}

export async function protect(
  stage: Stage,
  request: RequestHead,
  options?: ProtectOptions,
): Promise<Protected<View> | Refused> {
  const found = judged(stage, request, options)
  return 'vary' in found ? withVary(found) : found
}

/**
 * As `protect` for those who put `Vary` into an answer themselves: headers that nobody asks for are
 * not made, and nobody waits for what is known at once. Throws, or rejects, as `protect` rejects.
 */
export function protectPlainly(
  sessions: Sessions,
  request: RequestHead,
  options?: ProtectOptions,
): Plain | Promise<Protected<View> | Refused> {
  const stage = stages.get(sessions)
  // The application may have wrapped its sessions, to log or to count.
  return stage === undefined
    ? sessions.protect(request, options as ProtectOptions & { fresh?: false })
    : judged(stage, request, options)
}

/** Row 1 without the store is known at once. */
function judged(
  stage: Stage,
  request: RequestHead,
  options: ProtectOptions | undefined,
): Plain | Promise<Protected<View> | Refused> {
  if (options !== undefined) check(options)
  try {
    const now = stage.now()
    const said = stage.authenticate(request, options?.csrfToken, now)
    const isGood = said.ok
      && (!isNearItsEnd(said, now, options?.refreshEarlySeconds) || !request.headers.has('cookie'))
    if (!isGood) return refreshed(stage, request, said, options).catch(refusedForNow)
    return options?.fresh === true
      ? confirmed(stage, request, said, options).catch(refusedForNow)
      : plain(stage, said)
  } catch (error) {
    return Promise.resolve(refusedForNow(error))
  }
}

function refusedForNow(error: unknown): Refused {
  return unavailable(passing(error))
}

/** All but row 1. */
async function refreshed(
  stage: Stage,
  request: RequestHead,
  said: Authenticated | Rejection,
  options: ProtectOptions = {},
): Promise<Protected<View> | Refused> {
  if (!said.ok && (said.status !== 401 || !request.headers.has('cookie'))) return refused(said)
  const renewal = await stage.sessions.refresh(request, told(request, options.context)).catch(
    passing,
  )
  if (!(renewal instanceof PortcullisError) && renewal.ok) {
    return renewed(stage, request, renewal, options)
  }
  return said.ok ? kept(stage, request, said, renewal, options) : lost(said, renewal)
}

/** What the application's reader throws is the application's to hear. */
export function told<Told>(
  request: Told,
  context: ContextReader<Told> | undefined,
): { context: RequestContext } | {} {
  const said = context?.(request)
  return said === undefined || said === null ? {} : { context: said }
}

/** Rows 3 and 4. */
function kept(
  stage: Stage,
  request: RequestHead,
  said: Authenticated,
  renewal: Rejection | PortcullisError,
  options: ProtectOptions,
): Promise<Protected<View> | Refused> | Refused {
  const isOver = !(renewal instanceof PortcullisError) && renewal.code.startsWith('ERR_SESSION_')
  return isOver ? refused(renewal) : confirmed(stage, request, said, options)
}

/** Rows 8 to 10. */
function lost(said: Rejection, renewal: Rejection | PortcullisError): Refused {
  if (renewal instanceof PortcullisError) return unavailable(renewal)
  return refused(renewal.code === 'ERR_REFRESH_MISSING' ? said : renewal)
}

/** Rows 1 and 4, by the store as well where that is wanted. */
async function confirmed(
  stage: Stage,
  request: RequestHead,
  said: Authenticated,
  options: ProtectOptions,
): Promise<Protected<View> | Refused> {
  if (options.fresh !== true) return withVary(plain(stage, said))
  const checked = await stage.sessions.authenticate(request, {
    ...carried(options),
    ...told(request, options.context),
    fresh: true,
  })
  return checked.ok ? withVary(plain(stage, checked)) : refused(checked)
}

function plain({ bearer }: Stage, { session, claims }: Authenticated | Checked): Plain {
  return { ok: true, session, claims, vary: bearer ? 'Authorization' : 'Cookie', refreshed: false }
}

/**
 * The headers are the application's from here on, and it may change them: every answer has its own.
 * They are made where somebody looks at them: in workerd that takes as long as all that came
 * before.
 */
function withVary({ session, claims, vary }: Plain): Protected<View> {
  let headers: Headers | undefined
  const reply = (
    body?: ReplyBody,
    init?: ReplyInit,
  ) => (headers === undefined
    ? varying(body, init, vary)
    : merged(new Response(body, init), headers))
  return {
    ok: true,
    session,
    claims,
    get headers() {
      return (headers ??= saying(vary))
    },
    refreshed: false,
    reply,
  }
}

function saying(vary: string): Headers {
  const headers = new Headers()
  // Half the price of handing it to the constructor, in Node.
  headers.set('vary', vary)
  return headers
}

/**
 * Rows 2 and 7: the request is judged by the session as it is now. From here on no answer may lose
 * the cookies.
 */
function renewed(
  stage: Stage,
  request: RequestHead,
  { session, accessToken, headers }: Refreshed,
  options: ProtectOptions,
): Protected<View> | Refused {
  try {
    const said = stage.glance(withAccessToken(request, accessToken, headers), options.csrfToken)
    if (!said.ok) return refused({ ...said, headers })
    const reply = (body?: ReplyBody, init?: ReplyInit) => merged(new Response(body, init), headers)
    return {
      ok: true,
      session: options.fresh === true ? session : said.session,
      claims: said.claims,
      headers,
      refreshed: true,
      reply,
    }
  } catch (error) {
    return unavailable(passing(error), headers)
  }
}

/**
 * The request as its client will send it next. Only what is looked at: a browser would not let us
 * write its cookies.
 */
function withAccessToken(
  { method, url, headers: given }: RequestHead,
  accessToken: string,
  set: Headers,
): RequestHead {
  const headers = new Headers([...given])
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
const EARLY_MAX_SECONDS = 60
const EARLY_SHARE = 1 / 5

function isNearItsEnd(
  { claims }: { claims: Claims },
  now: number,
  wanted: number | undefined,
): boolean {
  const { iat, exp } = claims as { iat: number; exp: number }
  const lifetime = exp - iat
  const early = Math.min(
    wanted ?? Math.min(lifetime * EARLY_SHARE, EARLY_MAX_SECONDS),
    lifetime / 2,
  )
  return exp - now / 1000 <= early
}

function carried({ csrfToken }: ProtectOptions): { csrfToken: string } | {} {
  return csrfToken === undefined ? {} : { csrfToken }
}

function check(options: ProtectOptions): void {
  refuseUnknown(options, OPTIONS, 'protect')
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
