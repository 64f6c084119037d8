/** Converts the outcomes of the core into the results of the public functions. */
import { PortcullisError } from '../core/errors.js'
import type {
  AccessClaims,
  HeaderPairs,
  OperationOutcome,
  RejectedOutcome,
  SessionView,
} from '../core/protocol.js'
import type { Claims, Json, Session } from '../core/types.js'
import { decodeRisk } from '../risk/score.js'
import type { Authenticated, Checked, Refreshed, Rejection, SignedOut } from '../web/types.js'
import type { SignedIn } from './types.js'

export function toSignInResult(outcome: OperationOutcome): SignedIn | Rejection {
  if (outcome.kind === 'rejected') return toRejection(outcome)
  if (outcome.kind !== 'signed_in') throw unexpectedOutcome(outcome)
  return {
    ok: true,
    session: toSession(outcome.session),
    accessToken: outcome.accessToken,
    refreshToken: outcome.refreshToken,
    headers: toHeaders(outcome.headers),
    risk: decodeRisk(outcome.risk),
  }
}

export function toRefreshResult(outcome: OperationOutcome): Refreshed | Rejection {
  if (outcome.kind === 'rejected') return toRejection(outcome)
  if (outcome.kind !== 'refreshed') throw unexpectedOutcome(outcome)
  const { accessToken, refreshToken, rotated } = outcome
  return {
    ok: true,
    session: toSession(outcome.session),
    accessToken,
    refreshToken,
    rotated,
    headers: toHeaders(outcome.headers),
    risk: decodeRisk(outcome.risk),
  }
}

export function toSignOutResult(outcome: OperationOutcome): SignedOut | Rejection {
  if (outcome.kind === 'rejected') return toRejection(outcome)
  if (outcome.kind !== 'signed_out') throw unexpectedOutcome(outcome)
  return { ok: true, revoked: outcome.revoked, headers: toHeaders(outcome.headers) }
}

export function toSessionCheckResult(outcome: OperationOutcome): Checked | Rejection {
  if (outcome.kind === 'rejected') return toRejection(outcome)
  if (outcome.kind !== 'checked') throw unexpectedOutcome(outcome)
  return {
    ok: true,
    session: toSession(outcome.session),
    claims: Object.setPrototypeOf(JSON.parse(outcome.claims), null) as Claims,
    risk: decodeRisk(outcome.risk),
  }
}

export function toFoundSession(outcome: OperationOutcome): Session | null {
  if (outcome.kind !== 'found') throw unexpectedOutcome(outcome)
  return outcome.session === null ? null : toSession(outcome.session)
}

export function toRiskProfile(outcome: OperationOutcome): Uint8Array | null {
  if (outcome.kind !== 'profile') throw unexpectedOutcome(outcome)
  return outcome.profile
}

export function toRevokedCount(outcome: OperationOutcome): number {
  if (outcome.kind !== 'revoked') throw unexpectedOutcome(outcome)
  return outcome.count
}

export function toSessionList(outcome: OperationOutcome): Session[] {
  if (outcome.kind !== 'listed') throw unexpectedOutcome(outcome)
  return outcome.sessions.map(toSession)
}

export function toAuthenticateResult(claims: Claims): Authenticated {
  const { sid, sub, gen, auth_time, exp, acr = null, amr = [] } = claims as unknown as AccessClaims
  return {
    ok: true,
    session: {
      id: sid,
      subject: sub,
      generation: gen,
      authenticatedAtMs: auth_time * 1000,
      acr,
      amr: [...amr],
      expiresAtMs: exp * 1000,
    },
    claims,
  }
}

export function toRejection(
  { code, status, message, headers: pairs, details, risk, subject }: Omit<RejectedOutcome, 'kind'>,
): Rejection {
  return {
    ok: false,
    code,
    status,
    message,
    headers: toHeaders(pairs),
    details,
    risk: decodeRisk(risk),
    subject,
  }
}

function toSession({ data, ...view }: SessionView): Session {
  return { ...view, data: data === null ? null : (JSON.parse(data) as Json) }
}

/** Appends each header, because every Set-Cookie must stay a header of its own. */
function toHeaders(pairs: HeaderPairs): Headers {
  const all = new Headers()
  for (const [name, value] of pairs) all.append(name, value)
  return all
}

function unexpectedOutcome(outcome: OperationOutcome): PortcullisError {
  return new PortcullisError(
    'ERR_INTERNAL',
    `Unexpected outcome "${outcome.kind}" of the core: please report it.`,
  )
}
