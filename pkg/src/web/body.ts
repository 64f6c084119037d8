/** The JSON body of a request, as far as it is worth reading. */
import { PortcullisError } from '../core/errors.js'
import { createProblemResponse } from './problem.js'

/** All that the routes take is a token or an id: 8 KiB is four times the longest. */
const MAX_BODY_BYTES = 8 * 1024

/**
 * The object in the body, or the problem with it. No body is an empty object. Content-Type decides
 * nothing.
 */
export async function readJsonBody(
  request: Request,
): Promise<{ [name: string]: unknown } | Response> {
  const bytes = await readBounded(request)
  if (bytes === null) {
    return createBodyProblem(
      413,
      `The body is too large: ${MAX_BODY_BYTES} bytes are enough for all that is asked here.`,
    )
  }
  if (bytes.length === 0) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as { [name: string]: unknown }
    }
  } catch {
    // What it is instead does not matter.
  }
  return createBodyProblem(400, 'The body must be a JSON object in UTF-8.')
}

/** A member that must be a string, or may be missing. */
export function readTextMember(
  body: { [name: string]: unknown },
  name: string,
  isRequired: boolean,
): string | undefined | Response {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (typeof value === 'string' || (value === undefined && !isRequired)) return value
  return createBodyProblem(400, `The body must be a JSON object whose "${name}" is a string.`)
}

function createBodyProblem(status: 400 | 413, message: string): Response {
  return createProblemResponse({ code: 'ERR_BODY', status, message, headers: new Headers() })
}

/** Reads no more than it takes to know that it is too much, whatever Content-Length says. */
async function readBounded(request: Request): Promise<Uint8Array | null> {
  if (request.bodyUsed) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The body was read before: hand over the request as it came, or a clone of it.',
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
