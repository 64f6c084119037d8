/** Codes of errors that are thrown. Stable; each is explained in docs/errors.md. */
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

/** The statuses of the codes that the host side makes by itself; the core brings its own. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  ERR_ARGUMENT: 400,
  ERR_RECORD_FULL: 409,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_CONFLICT: 503,
  ERR_TRAP: 503,
}

/**
 * Misuse, a corrupt record, or a store, clock or source of randomness that does not work. Nothing
 * was issued, no cookie was cleared, and nothing that was acknowledged is lost. An expected refusal
 * is not an error: it is an answer with `ok: false`.
 */
export class PortcullisError extends Error {
  override readonly name = 'PortcullisError'
  /** Stable, for programs. The message is for people. */
  readonly code: ErrorCode
  /** The HTTP status that says it best. */
  readonly status: number
  /** Where trying again later makes sense (503): after how many seconds, for `Retry-After`. */
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
