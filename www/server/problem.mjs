/**
 * An error at the start that the user can correct. Its message is printed without a stack.
 */
export class StartupError extends Error {}

/** An error of a request, which the page can show: a status, a stable code and one sentence. */
export class Problem extends Error {
  constructor(status, code, message) {
    super(message)
    this.status = status
    this.code = code
  }
}

/**
 * The part of an error that the browser gets. Only the errors above and the PortcullisError of the
 * package have a code and a status. The browser gets no details of other errors.
 */
export function problemResponse(error) {
  const known = error instanceof Problem || error?.name === 'PortcullisError'
  if (!known) console.error(error)
  const { status, code, message } = known
    ? error
    : {
      status: 500,
      code: 'DEMO_INTERNAL',
      message: 'The demo failed here. The terminal shows the error.',
    }
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  if (known && error.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(error.retryAfterSeconds)
  }
  return new Response(JSON.stringify({ ok: false, status, code, message }), { status, headers })
}
