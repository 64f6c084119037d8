/** From what the core says to what the application gets. */
import { PortcullisError } from './errors.js'
import type {
  AccessClaims,
  HeaderPairs,
  Outcome,
  RejectedOutcome,
  SessionView,
} from './protocol.js'
import { riskOf } from './risk.js'
import type {
  Authenticated,
  Checked,
  Claims,
  Json,
  Refreshed,
  Rejection,
  Session,
  SignedIn,
  SignedOut,
} from './types.js'

export function signedIn(outcome: Outcome): SignedIn | Rejection {
  if (outcome.kind === 'rejected') return rejection(outcome)
  if (outcome.kind !== 'signed_in') throw impossible(outcome)
  return {
    ok: true,
    session: session(outcome.session),
    accessToken: outcome.accessToken,
    refreshToken: outcome.refreshToken,
    headers: headers(outcome.headers),
    risk: riskOf(outcome.risk),
  }
}

export function refreshed(outcome: Outcome): Refreshed | Rejection {
  if (outcome.kind === 'rejected') return rejection(outcome)
  if (outcome.kind !== 'refreshed') throw impossible(outcome)
  const { accessToken, refreshToken, rotated } = outcome
  return {
    ok: true,
    session: session(outcome.session),
    accessToken,
    refreshToken,
    rotated,
    headers: headers(outcome.headers),
    risk: riskOf(outcome.risk),
  }
}

export function signedOut(outcome: Outcome): SignedOut | Rejection {
  if (outcome.kind === 'rejected') return rejection(outcome)
  if (outcome.kind !== 'signed_out') throw impossible(outcome)
  return { ok: true, revoked: outcome.revoked, headers: headers(outcome.headers) }
}

export function checked(outcome: Outcome): Checked | Rejection {
  if (outcome.kind === 'rejected') return rejection(outcome)
  if (outcome.kind !== 'checked') throw impossible(outcome)
  return {
    ok: true,
    session: session(outcome.session),
    claims: Object.setPrototypeOf(JSON.parse(outcome.claims), null) as Claims,
    risk: riskOf(outcome.risk),
  }
}

export function found(outcome: Outcome): Session | null {
  if (outcome.kind !== 'found') throw impossible(outcome)
  return outcome.session === null ? null : session(outcome.session)
}

export function profile(outcome: Outcome): Uint8Array | null {
  if (outcome.kind !== 'profile') throw impossible(outcome)
  return outcome.profile
}

export function revoked(outcome: Outcome): number {
  if (outcome.kind !== 'revoked') throw impossible(outcome)
  return outcome.count
}

export function listed(outcome: Outcome): Session[] {
  if (outcome.kind !== 'listed') throw impossible(outcome)
  return outcome.sessions.map(session)
}

export function authenticated(all: Claims): Authenticated {
  const { sid, sub, gen, auth_time, exp, acr = null, amr = [] } = all as unknown as AccessClaims
  const session = {
    id: sid,
    subject: sub,
    generation: gen,
    authenticatedAtMs: auth_time * 1000,
    acr,
    amr: [...amr],
    expiresAtMs: exp * 1000,
  }
  return { ok: true, session, claims: all }
}

export function rejection(
  { code, status, message, headers: pairs, details, risk, subject }: Omit<RejectedOutcome, 'kind'>,
): Rejection {
  return {
    ok: false,
    code,
    status,
    message,
    headers: headers(pairs),
    details,
    risk: riskOf(risk),
    subject,
  }
}

function session({ data, ...view }: SessionView): Session {
  return { ...view, data: data === null ? null : (JSON.parse(data) as Json) }
}

/** Every Set-Cookie stays a header of its own. */
function headers(pairs: HeaderPairs): Headers {
  const all = new Headers()
  for (const [name, value] of pairs) all.append(name, value)
  return all
}

function impossible(outcome: Outcome): PortcullisError {
  return new PortcullisError(
    'ERR_INTERNAL',
    `The core answered "${outcome.kind}" to another question: please report it.`,
  )
}
