/** Reads the JSON body of a request, up to a limit. */
import { PortcullisError } from '../core/errors.js'
import { createProblemResponse } from './problem.js'

/**
 * The maximum size of a body in bytes. The routes take a token or an ID, and the longest needs a
 * quarter of this.
 */
const MAX_BODY_BYTES = 8 * 1024

/**
 * Reads the object in the body, or returns a problem response. An empty body is an empty object.
 * Content-Type is not read.
 */
export async function readJsonBody(
  request: Request,
): Promise<{ [name: string]: unknown } | Response> {
  const bytes = await readBounded(request)
  if (bytes === null) {
    return createBodyProblem(
      413,
      `The body is too large: send at most ${MAX_BODY_BYTES} bytes.`,
    )
  }
  if (bytes.length === 0) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as { [name: string]: unknown }
    }
  } catch {
    // Invalid JSON is reported below.
  }
  return createBodyProblem(400, 'Invalid body: send a JSON object in UTF-8.')
}

/** Reads a member that must be a string. An optional member may be absent. */
export function readTextMember(
  body: { [name: string]: unknown },
  name: string,
  isRequired: boolean,
): string | undefined | Response {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (typeof value === 'string' || (value === undefined && !isRequired)) return value
  return createBodyProblem(400, `Invalid body: send a JSON object with a string "${name}".`)
}

function createBodyProblem(status: 400 | 413, message: string): Response {
  return createProblemResponse({ code: 'ERR_BODY', status, message, headers: new Headers() })
}

/**
 * Reads at most `MAX_BODY_BYTES` bytes, `null` for a longer body. Content-Length may be missing or
 * wrong.
 */
async function readBounded(request: Request): Promise<Uint8Array | null> {
  if (request.bodyUsed) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The body was already read: pass the unread request, or a clone of it.',
    )
  }
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return null
  const reader = request.body?.getReader()
  const bytes = new Uint8Array(MAX_BODY_BYTES)
  let length = 0
  for (
    let chunk = await reader?.read();
    chunk !== undefined && !chunk.done;
    chunk = await reader?.read()
  ) {
    if (length + chunk.value.length > MAX_BODY_BYTES) {
      reader?.cancel().catch(() => undefined)
      return null
    }
    bytes.set(chunk.value, length)
    length += chunk.value.length
  }
  return bytes.subarray(0, length)
}
