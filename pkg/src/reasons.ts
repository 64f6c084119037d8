/** The core's table of refusals: asked for once. */
import { call } from './core.js'
import type { Rejection, RejectionCode } from './types.js'

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

/** As an answer that changes no cookie. */
export function rejectedFor(code: RejectionCode): Rejection {
  return {
    ok: false,
    ...reason(code),
    headers: new Headers(),
    details: null,
    risk: null,
    subject: null,
  }
}
