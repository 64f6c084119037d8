/** What crosses the door to the core: the shapes of src/decide in the crate. */
import type { RejectionCode, RotationDetails, Session, SessionEvent, StoreWrite } from './types.js'

export interface RequestFacts {
  method: string
  scheme: string
  host: string
  cookie: string | undefined
  secFetchSite: string | undefined
  origin: string | undefined
  userAgent: string | undefined
}

export type Operation =
  | { signIn: { request: RequestFacts; subject: string; data: string | undefined; claims: string | undefined; jkt: string | undefined; acr: string | undefined; amr: string[]; label: string | undefined; minted: Uint8Array } }
  | { refresh: { request: RequestFacts } }
  | { stepUp: { request: RequestFacts; acr: string | undefined; amr: string[]; minted: Uint8Array } }
  | { check: { request: RequestFacts } }
  | { confirm: { sessionId: string; generation: number } }
  | { find: { sessionId: string } }
  | { update: { sessionId: string; data: string | undefined } }
  | { signOut: { request: RequestFacts } }
  | { revoke: { sessionId: string } }
  | { revokeAll: { subject: string; except: string | undefined } }
  | { list: { subject: string } }

export interface Decision {
  write: StoreWrite | null
  outcome: Outcome
  events: SessionEvent[]
}

export type HeaderPairs = [name: string, value: string][]

/** A session whose data is still JSON text. */
export type SessionView = Omit<Session, 'data'> & { data: string | null }

export interface RejectedOutcome {
  kind: 'rejected'
  code: RejectionCode
  status: number
  message: string
  headers: HeaderPairs
  details: RotationDetails | null
}

export type Outcome =
  | { kind: 'signed_in'; session: SessionView; accessToken: string; headers: HeaderPairs }
  | { kind: 'refreshed'; session: SessionView; accessToken: string; rotated: boolean; headers: HeaderPairs }
  | { kind: 'signed_out'; revoked: boolean; headers: HeaderPairs }
  | { kind: 'checked'; session: SessionView; claims: string }
  | { kind: 'found'; session: SessionView | null }
  | { kind: 'confirmed'; confirmed: boolean }
  | { kind: 'revoked'; count: number }
  | { kind: 'listed'; sessions: SessionView[] }
  | RejectedOutcome

/** How many bytes of claims (JSON whose types the core has checked) lie on the desk; or a refusal. */
export type AuthenticateAnswer = number | Omit<RejectedOutcome, 'kind'>

/** What our own access tokens say (RFC 9068). */
export interface AccessClaims {
  sub: string
  sid: string
  gen: number
  exp: number
  auth_time: number
  acr?: string
  amr?: string[]
}
