/**
 * Trouble at the start, which the person at the terminal can mend: printed as it is, without a
 * stack.
 */
export class StartupError extends Error {}

/** Trouble with a request, which the page can show: its status, a stable code and one sentence. */
export class Problem extends Error {
  constructor(status, code, message) {
    super(message)
    this.status = status
    this.code = code
  }
}

/**
 * What the browser gets to see of anything that was thrown. Only errors that were made for its eyes
 * have a code and a status: ours, and the PortcullisError of the package. Of all the others it
 * learns nothing.
 */
export function problemResponse(error) {
  const known = error instanceof Problem || error?.name === 'PortcullisError'
  if (!known) console.error(error)
  const { status, code, message } = known
    ? error
    : {
      status: 500,
      code: 'DEMO_INTERNAL',
      message: 'Something went wrong here. The terminal says what.',
    }
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  if (known && error.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(error.retryAfterSeconds)
  }
  return new Response(JSON.stringify({ ok: false, status, code, message }), { status, headers })
}
