/**
 * The messages between TypeScript and the core. They mirror the types of src/decide in the crate.
 */
import type { RejectionCode } from './errors.js'
import type { RotationDetails, Session, SessionEventType } from './types.js'

/** All that the core needs of a request, as one text: see src/wasm/decode.rs. */
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
    context: EncodedContext
    stepUpVerified: boolean
    initialEntropy: Uint8Array
  }
  | { kind: 'refresh'; request: RequestText; context: EncodedContext }
  | {
    kind: 'step_up'
    request: RequestText
    subject: string | undefined
    acr: string | undefined
    amr: string[]
    context: EncodedContext
    initialEntropy: Uint8Array
  }
  | { kind: 'check'; request: RequestText; context: EncodedContext; isInner: boolean }
  | { kind: 'confirm'; sessionId: string; generation: number }
  | { kind: 'find'; sessionId: string }
  | { kind: 'update'; sessionId: string; data: string | undefined }
  | { kind: 'sign_out'; request: RequestText }
  | { kind: 'revoke'; sessionId: string }
  | { kind: 'revoke_all'; subject: string; except: string | undefined }
  | { kind: 'list'; subject: string }
  | { kind: 'profile'; subject: string; erase: boolean }

/** A request context as `encodeContext` encodes it, or `undefined` where none was given. */
type EncodedContext = string | undefined

/** An encoded risk assessment, which `decodeRisk` decodes. */
export type RiskRow = Uint8Array

export interface Decision {
  write: RecordWrite | null
  outcome: OperationOutcome
  events: EventRow[]
}

/** The new value of a subject record, in the form that the `swap` of a store takes. */
export interface RecordWrite {
  value: Uint8Array
  expiresAtMs: number
}

/** A session event whose risk assessment is still encoded. */
export interface EventRow {
  type: SessionEventType
  atMs: number
  subjectKey: string
  sessionKey: string | null
  count: number | null
  rotation: RotationDetails | null
  risk: RiskRow | null
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
  rotation: RotationDetails | null
  risk: RiskRow | null
  subject: string | null
}

export type OperationOutcome =
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

/** The claims of an access token that this package issued (RFC 9068). */
export interface AccessClaims {
  sub: string
  sid: string
  gen: number
  exp: number
  auth_time: number
  acr?: string
  amr?: string[]
}
