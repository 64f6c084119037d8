/** The core's table of refusals: asked for once. */
import type { RejectionCode } from './errors.js'
import { call } from './wasm.js'

export interface Reason {
  code: RejectionCode
  status: number
  message: string
}

let all: Reason[] | undefined

function table(): Reason[] {
  return (all ??= call((core) => core.reasons()) as Reason[])
}

/** By its place in the table. */
export function reasonAt(position: number): Reason {
  return table()[position]!
}

export function reason(code: RejectionCode): Reason {
  return table().find((one) => one.code === code)!
}

/** A rejection that changes no cookie and in which no refresh token and no score had a part. */
export interface PlainRejection extends Reason {
  ok: false
  headers: Headers
  details: null
  risk: null
  subject: null
}

export function rejectedFor(code: RejectionCode): PlainRejection {
  return {
    ok: false,
    ...reason(code),
    headers: new Headers(),
    details: null,
    risk: null,
    subject: null,
  }
}
