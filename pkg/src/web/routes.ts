/** What stands behind each route of `handle`. */
import type { AuthenticatedSession, Session } from '../types.js'
import { jsonBody, textMember } from './body.js'
import { withHeaders } from './merge.js'
import { passing, problem, refused, unavailable } from './problem.js'
import { protect, type Stage, told } from './protect.js'
import type { HandleOptions, Protected, Route } from './types.js'

export interface Handler {
  /** For `Allow`. */
  methods: string
  run(stage: Stage, request: Request, options: HandleOptions): Promise<Response> | Response
}

export const ROUTES: Record<Route, Handler> = {
  refresh: { methods: 'POST', run: refresh },
  'sign-out': { methods: 'POST', run: signOut },
  list: {
    methods: 'GET, HEAD',
    run: (stage, request, options) => asCaller(stage, request, options, true, list),
  },
  revoke: {
    methods: 'POST',
    run: (stage, request, options) => asCaller(stage, request, options, true, revoke),
  },
  csrf: {
    methods: 'GET, HEAD',
    run: (stage, request, options) => asCaller(stage, request, options, false, csrf),
  },
  jwks: { methods: 'GET, HEAD', run: jwks },
}

async function refresh(
  stage: Stage,
  request: Request,
  { context }: HandleOptions,
): Promise<Response> {
  const found = await sent(stage, request)
  if (found instanceof Response) return found
  const answer = await stage.sessions.refresh(request, { ...found, ...told(request, context) })
  if (!answer.ok) return refused(answer).response
  const { session, rotated, accessToken, refreshToken, headers } = answer
  if (!stage.bearer) return json({ session: shown(session), rotated }, headers)
  return json(
    { accessToken, refreshToken, expiresInSeconds: lifeOf(stage, request, accessToken) },
    headers,
  )
}

async function signOut(stage: Stage, request: Request): Promise<Response> {
  const found = await sent(stage, request)
  if (found instanceof Response) return found
  const answer = await stage.sessions.signOut(request, found)
  return answer.ok ? nothing(answer.headers) : refused(answer).response
}

/**
 * Only the caller's own. What the application keeps on a session is not for the browser, unless the
 * application says so itself.
 */
async function list({ sessions }: Stage, _: Request, caller: Protected<Seen>): Promise<Response> {
  const all = await sessions.list(caller.session.subject)
  return json({
    sessions: all.map((one) => ({ ...shown(one), current: one.id === caller.session.id })),
  })
}

/**
 * Somebody else's session and one that never was are the same to the caller: neither is in their
 * list.
 */
async function revoke(
  { sessions }: Stage,
  request: Request,
  caller: Protected<Seen>,
): Promise<Response> {
  const body = await jsonBody(request)
  const id = body instanceof Response ? body : textMember(body, 'id', true)
  if (typeof id !== 'string') return id as Response
  const own = await sessions.list(caller.session.subject)
  if (!own.some((one) => one.id === id)) {
    return problem({
      code: 'ERR_NOT_FOUND',
      status: 404,
      message: 'You have no session with this id: look at the list again.',
      headers: new Headers(),
    })
  }
  await sessions.revoke(id)
  if (id !== caller.session.id) return nothing(new Headers())
  const answer = await sessions.signOut(request)
  // What a refresh on the way would set belongs to a session that is over.
  caller.headers.delete('set-cookie')
  return nothing(answer.headers)
}

function csrf({ sessions }: Stage, _: Request, caller: Protected<Seen>): Response {
  return json({ token: sessions.csrfToken(caller) })
}

function jwks({ sessions }: Stage): Response {
  const { body, headers } = sessions.jwks()
  return new Response(body, { headers })
}

type Seen = AuthenticatedSession | Session

/**
 * For somebody with a session, which may be refreshed on the way: then no answer may lose the
 * cookies.
 */
async function asCaller(
  stage: Stage,
  request: Request,
  { context }: HandleOptions,
  fresh: boolean,
  run: (stage: Stage, request: Request, caller: Protected<Seen>) => Promise<Response> | Response,
): Promise<Response> {
  const caller = await protect(stage, request, {
    fresh,
    ...(context === undefined ? {} : { context: () => context(request) }),
  })
  if (!caller.ok) return caller.response
  try {
    return withHeaders(await run(stage, request, caller), caller.headers)
  } catch (error) {
    return unavailable(passing(error), caller.headers).response
  }
}

/** In cookie transport nobody looks at the body. */
async function sent(stage: Stage, request: Request): Promise<{ refreshToken?: string } | Response> {
  if (!stage.bearer) return {}
  const body = await jsonBody(request)
  const refreshToken = body instanceof Response ? body : textMember(body, 'refreshToken', false)
  if (refreshToken instanceof Response) return refreshToken
  return refreshToken === undefined ? {} : { refreshToken }
}

/**
 * For how long an access token is good that was just made: rounded down, so that nobody trusts it
 * for longer.
 */
function lifeOf(stage: Stage, { method, url }: Request, accessToken: string): number {
  const said = stage.glance({
    method,
    url,
    headers: new Headers({ authorization: `Bearer ${accessToken}` }),
  }, undefined)
  return said.ok ? Math.max(0, Math.floor((said.session.expiresAtMs - stage.now()) / 1000)) : 0
}

/** Named one by one: what a session gets besides, one day, is not published by that. */
function shown(
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

function json(value: unknown, given = new Headers()): Response {
  const headers = new Headers(given)
  headers.set('content-type', 'application/json')
  headers.set('cache-control', 'no-store')
  return new Response(JSON.stringify(value), { headers })
}

function nothing(given: Headers): Response {
  const headers = new Headers(given)
  headers.set('cache-control', 'no-store')
  return new Response(null, { status: 204, headers })
}
