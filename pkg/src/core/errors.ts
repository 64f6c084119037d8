/** The codes of errors that are thrown. They are stable; docs/errors.md explains each. */
export type ErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_WEAK_KEY'
  | 'ERR_ARGUMENT'
  | 'ERR_CLOCK'
  | 'ERR_ENTROPY'
  | 'ERR_DEVELOPMENT_MODE'
  | 'ERR_COOKIE_SIZE'
  | 'ERR_RECORD_FULL'
  | 'ERR_RECORD_CORRUPT'
  | 'ERR_RECORD_NEWER'
  | 'ERR_RECORD_KEY'
  | 'ERR_SEALED_CORRUPT'
  | 'ERR_SEALED_NEWER'
  | 'ERR_SEALED_KEY'
  | 'ERR_STORE_NEEDS_SWAP'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_STORE_CONTRACT'
  | 'ERR_CONFLICT'
  | 'ERR_DISPOSED'
  | 'ERR_TRAP'
  | 'ERR_CRYPTO_PROVIDER'
  | 'ERR_INTERNAL'

/** The codes of rejected requests and tokens. They are stable; docs/errors.md explains each. */
export type RejectionCode =
  | 'ERR_TOKEN_MISSING'
  | 'ERR_TOKEN_FORMAT'
  | 'ERR_TOKEN_HEADER'
  | 'ERR_TOKEN_ALGORITHM'
  | 'ERR_TOKEN_KEY'
  | 'ERR_TOKEN_SIGNATURE'
  | 'ERR_TOKEN_CLAIMS_JSON'
  | 'ERR_TOKEN_CLAIM'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_PURPOSE'
  | 'ERR_COOKIE'
  | 'ERR_CROSS_ORIGIN'
  | 'ERR_CSRF'
  | 'ERR_CREDENTIALS'
  | 'ERR_PREFETCH'
  | 'ERR_REFRESH_MISSING'
  | 'ERR_REFRESH_MALFORMED'
  | 'ERR_SESSION_EXPIRED'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_SESSION_EVICTED'
  | 'ERR_SESSION_UNKNOWN'
  | 'ERR_SESSION_REUSED'
  | 'ERR_SESSION_RISK'
  | 'ERR_RISK_STEP_UP'
  | 'ERR_STEP_UP_UNFINISHED'
  | 'ERR_SUPERSEDED'

/**
 * The HTTP statuses of the errors that TypeScript makes. The core gives those of its own errors.
 */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_ARGUMENT: 400,
  ERR_RECORD_FULL: 409,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_CONFLICT: 503,
  ERR_TRAP: 503,
}

/**
 * An error: misuse, a corrupt record, or a store, clock or random source that does not work.
 * Nothing was issued, no cookie was cleared, and no acknowledged write is lost. An expected
 * rejection is not an error: it is returned, with `ok: false`.
 */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError'
  /** The stable code, for programs. The message is for people and may change. */
  readonly code: ErrorCode
  /** The HTTP status that fits the error: 400, 409, 500 or 503. */
  readonly status: number
  /** The seconds after which a retry makes sense, for `Retry-After`. Only with status 503. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; status?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status ?? STATUS[code] ?? 500
    this.retryAfterSeconds = this.status === 503 ? 1 : undefined
  }
}

/** Creates the error of a state that only a defect of portcullis can cause. */
export function internalError(cause?: unknown): PortcullisError {
  return new PortcullisError(
    'ERR_INTERNAL',
    'Internal error: please report it.',
    cause === undefined ? {} : { cause },
  )
}
