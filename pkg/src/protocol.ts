/** What crosses the door to the core: the shapes of src/decide in the crate. */
import type { RejectionCode, RotationDetails, Session, SessionEvent, StoreWrite } from './types.js'

/** What the core needs of a request, in one text: see src/wasm/inputs.rs. */
export type RequestText = string

export type Operation =
  | {
    kind: 'sign_in'
    request: RequestText
    subject: string
    data: string | undefined
    claims: string | undefined
    jkt: string | undefined
    acr: string | undefined
    amr: string[]
    label: string | undefined
    context: Context
    proved: boolean
    minted: Uint8Array
  }
  | { kind: 'refresh'; request: RequestText; context: Context }
  | {
    kind: 'step_up'
    request: RequestText
    subject: string | undefined
    acr: string | undefined
    amr: string[]
    context: Context
    minted: Uint8Array
  }
  | { kind: 'check'; request: RequestText; context: Context }
  | { kind: 'confirm'; sessionId: string; generation: number }
  | { kind: 'find'; sessionId: string }
  | { kind: 'update'; sessionId: string; data: string | undefined }
  | { kind: 'sign_out'; request: RequestText }
  | { kind: 'revoke'; sessionId: string }
  | { kind: 'revoke_all'; subject: string; except: string | undefined }
  | { kind: 'list'; subject: string }
  | { kind: 'profile'; subject: string; erase: boolean }

/** As `contextText` makes it. */
type Context = string | undefined

/** How strange something was: see `riskOf`. */
export type RiskRow = Uint8Array

export interface Decision {
  write: StoreWrite | null
  outcome: Outcome
  events: (Omit<SessionEvent, 'risk'> & { risk: RiskRow | null })[]
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
  risk: RiskRow | null
  subject: string | null
}

export type Outcome =
  | {
    kind: 'signed_in'
    session: SessionView
    accessToken: string
    refreshToken: string | null
    headers: HeaderPairs
    risk: RiskRow | null
  }
  | {
    kind: 'refreshed'
    session: SessionView
    accessToken: string
    refreshToken: string | null
    rotated: boolean
    headers: HeaderPairs
    risk: RiskRow | null
  }
  | { kind: 'signed_out'; revoked: boolean; headers: HeaderPairs }
  | { kind: 'checked'; session: SessionView; claims: string; risk: RiskRow | null }
  | { kind: 'profile'; profile: Uint8Array | null }
  | { kind: 'found'; session: SessionView | null }
  | { kind: 'confirmed'; confirmed: boolean }
  | { kind: 'revoked'; count: number }
  | { kind: 'listed'; sessions: SessionView[] }
  | RejectedOutcome

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
