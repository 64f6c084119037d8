/** The handlers of the routes of `handle`. */
import type { Session } from '../core/types.js'
import { readJsonBody, readTextMember } from './body.js'
import { withHeaders } from './merge-headers.js'
import {
  createProblemResponse,
  rethrowUnlessUnavailable,
  toProtectRejection,
  toUnavailableRejection,
} from './problem.js'
import { contextOption, protect, type ProtectedSession, type SessionInternals } from './protect.js'
import type { HandleOptions, Protected, Route } from './types.js'

/** The handler of a route, and its methods. */
export interface Handler {
  /** The allowed methods, in the form of the header `Allow`. */
  methods: string
  run(
    internals: SessionInternals,
    request: Request,
    options: HandleOptions,
  ): Promise<Response> | Response
}

/** The handler of each route. */
export const ROUTES: Record<Route, Handler> = {
  refresh: { methods: 'POST', run: answerRefresh },
  'sign-out': { methods: 'POST', run: answerSignOut },
  list: {
    methods: 'GET, HEAD',
    run: (internals, request, options) =>
      runWithSession(internals, request, options, true, answerList),
  },
  revoke: {
    methods: 'POST',
    run: (internals, request, options) =>
      runWithSession(internals, request, options, true, answerRevoke),
  },
  csrf: {
    methods: 'GET, HEAD',
    run: (internals, request, options) =>
      runWithSession(internals, request, options, false, answerCsrf),
  },
  jwks: { methods: 'GET, HEAD', run: answerJwks },
}

async function answerRefresh(
  internals: SessionInternals,
  request: Request,
  { context }: HandleOptions,
): Promise<Response> {
  const credentials = await readRefreshToken(internals, request)
  if (credentials instanceof Response) return credentials
  const result = await internals.sessions.refresh(request, {
    ...credentials,
    ...contextOption(request, context),
  })
  if (!result.ok) return toProtectRejection(result).response
  const { session, rotated, accessToken, refreshToken, headers } = result
  if (!internals.usesBearer) return json({ session: publicFields(session), rotated }, headers)
  return json(
    {
      accessToken,
      refreshToken,
      expiresInSeconds: remainingSeconds(internals, request, accessToken),
    },
    headers,
  )
}

async function answerSignOut(internals: SessionInternals, request: Request): Promise<Response> {
  const credentials = await readRefreshToken(internals, request)
  if (credentials instanceof Response) return credentials
  const result = await internals.sessions.signOut(request, credentials)
  return result.ok ? noContent(result.headers) : toProtectRejection(result).response
}

/**
 * Lists the caller's own sessions. The data that the application stores on a session is not sent to
 * the browser.
 */
async function answerList(
  { sessions }: SessionInternals,
  _: Request,
  caller: Protected<ProtectedSession>,
): Promise<Response> {
  const all = await sessions.list(caller.session.subject)
  return json({
    sessions: all.map((one) => ({ ...publicFields(one), current: one.id === caller.session.id })),
  })
}

/**
 * Revokes one of the caller's sessions. A session of another subject gives the same response as an
 * unknown one.
 */
async function answerRevoke(
  { sessions }: SessionInternals,
  request: Request,
  caller: Protected<ProtectedSession>,
): Promise<Response> {
  const body = await readJsonBody(request)
  const id = body instanceof Response ? body : readTextMember(body, 'id', true)
  if (typeof id !== 'string') return id as Response
  const own = await sessions.list(caller.session.subject)
  if (!own.some((one) => one.id === id)) {
    return createProblemResponse({
      code: 'ERR_NOT_FOUND',
      status: 404,
      message: 'Unknown session ID: use one of the current list.',
      headers: new Headers(),
    })
  }
  await sessions.revoke(id)
  if (id !== caller.session.id) return noContent(new Headers())
  const result = await sessions.signOut(request)
  // The cookies of a refresh within this request belong to the revoked session.
  caller.headers.delete('set-cookie')
  return noContent(result.headers)
}

function answerCsrf(
  { sessions }: SessionInternals,
  _: Request,
  caller: Protected<ProtectedSession>,
): Response {
  return json({ token: sessions.csrfToken(caller) })
}

function answerJwks({ sessions }: SessionInternals): Response {
  const { body, headers } = sessions.jwks()
  return new Response(body, { headers })
}

/**
 * Runs a handler for a request with a session. The session may be refreshed first: every response
 * must then carry its cookies.
 */
async function runWithSession(
  internals: SessionInternals,
  request: Request,
  { context }: HandleOptions,
  fresh: boolean,
  run: (
    internals: SessionInternals,
    request: Request,
    caller: Protected<ProtectedSession>,
  ) => Promise<Response> | Response,
): Promise<Response> {
  const caller = await protect(internals, request, {
    fresh,
    ...(context === undefined ? {} : { context: () => context(request) }),
  })
  if (!caller.ok) return caller.response
  try {
    return withHeaders(await run(internals, request, caller), caller.headers)
  } catch (error) {
    return toUnavailableRejection(rethrowUnlessUnavailable(error), caller.headers).response
  }
}

/** Reads the refresh token from the body. With cookie transport the body is not read. */
async function readRefreshToken(
  internals: SessionInternals,
  request: Request,
): Promise<{ refreshToken?: string } | Response> {
  if (!internals.usesBearer) return {}
  const body = await readJsonBody(request)
  const refreshToken = body instanceof Response ? body : readTextMember(body, 'refreshToken', false)
  if (refreshToken instanceof Response) return refreshToken
  return refreshToken === undefined ? {} : { refreshToken }
}

/**
 * Returns the remaining lifetime of a new access token in seconds, rounded down so that a client
 * does not use it for too long.
 */
function remainingSeconds(
  internals: SessionInternals,
  { method, url }: Request,
  accessToken: string,
): number {
  const result = internals.authenticateUnconfirmed({
    method,
    url,
    headers: new Headers({ authorization: `Bearer ${accessToken}` }),
  }, undefined)
  return result.ok
    ? Math.max(0, Math.floor((result.session.expiresAtMs - internals.now()) / 1000))
    : 0
}

/**
 * Selects the fields that are sent to the browser. They are listed one by one, so that a new field
 * of sessions is not published unintentionally.
 */
function publicFields(
  {
    id,
    subject,
    createdAtMs,
    authenticatedAtMs,
    rotatedAtMs,
    generation,
    idleDeadlineMs,
    absoluteDeadlineMs,
    acr,
    amr,
    label,
  }: Session,
): Omit<Session, 'data'> {
  return {
    id,
    subject,
    createdAtMs,
    authenticatedAtMs,
    rotatedAtMs,
    generation,
    idleDeadlineMs,
    absoluteDeadlineMs,
    acr,
    amr,
    label,
  }
}

function json(value: unknown, source = new Headers()): Response {
  const headers = new Headers(source)
  headers.set('content-type', 'application/json')
  headers.set('cache-control', 'no-store')
  return new Response(JSON.stringify(value), { headers })
}

function noContent(source: Headers): Response {
  const headers = new Headers(source)
  headers.set('cache-control', 'no-store')
  return new Response(null, { status: 204, headers })
}
