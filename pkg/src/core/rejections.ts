/** The table of rejections: each code with its status and message. The core gives it once. */
import { internalError, type RejectionCode } from './errors.js'
import { callCore } from './wasm.js'

export interface RejectionEntry {
  code: RejectionCode
  status: number
  message: string
}

let cachedTable: RejectionEntry[] | undefined

function rejectionTable(): RejectionEntry[] {
  cachedTable ??= callCore((core) => core.rejectionTable()) as RejectionEntry[]
  return cachedTable
}

/** Gives the rejection at a position of the core's table. */
export function rejectionAt(position: number): RejectionEntry {
  return present(rejectionTable()[position])
}

export function findRejection(code: RejectionCode): RejectionEntry {
  return present(rejectionTable().find((entry) => entry.code === code))
}

function present(entry: RejectionEntry | undefined): RejectionEntry {
  if (entry === undefined) throw internalError()
  return entry
}

/** A rejection that changes no cookie, and that neither a refresh token nor a score caused. */
export interface PlainRejection extends RejectionEntry {
  ok: false
  headers: Headers
  rotation: null
  risk: null
  subject: null
}

export function rejectionFor(code: RejectionCode): PlainRejection {
  return {
    ok: false,
    ...findRejection(code),
    headers: new Headers(),
    rotation: null,
    risk: null,
    subject: null,
  }
}
