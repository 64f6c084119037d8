/** The JSON body of a request, as far as it is worth reading. */
import { PortcullisError } from '../errors.js'
import { problem } from './problem.js'

/** All that the routes take is a token or an id: 8 KiB is four times the longest. */
const BODY_MAX_BYTES = 8 * 1024

/**
 * The object in the body, or the problem with it. No body is an empty object. Content-Type decides
 * nothing.
 */
export async function jsonBody(request: Request): Promise<{ [name: string]: unknown } | Response> {
  const bytes = await bounded(request)
  if (bytes === null) {
    return unfit(
      413,
      `The body is too large: ${BODY_MAX_BYTES} bytes are enough for all that is asked here.`,
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
  return unfit(400, 'The body must be a JSON object in UTF-8.')
}

/** A member that must be a string, or may be missing. */
export function textMember(
  body: { [name: string]: unknown },
  name: string,
  required: boolean,
): string | undefined | Response {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (typeof value === 'string' || (value === undefined && !required)) return value
  return unfit(400, `The body must be a JSON object whose "${name}" is a string.`)
}

function unfit(status: 400 | 413, message: string): Response {
  return problem({ code: 'ERR_BODY', status, message, headers: new Headers() })
}

/** Reads no more than it takes to know that it is too much, whatever Content-Length says. */
async function bounded(request: Request): Promise<Uint8Array | null> {
  if (request.bodyUsed) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'The body was read before: hand over the request as it came, or a clone of it.',
    )
  }
  if (Number(request.headers.get('content-length') ?? 0) > BODY_MAX_BYTES) return null
  const reader = request.body?.getReader()
  const bytes = new Uint8Array(BODY_MAX_BYTES)
  let length = 0
  for (
    let chunk = await reader?.read();
    chunk !== undefined && !chunk.done;
    chunk = await reader?.read()
  ) {
    if (length + chunk.value.length > BODY_MAX_BYTES) {
      reader?.cancel().catch(() => undefined)
      return null
    }
    bytes.set(chunk.value, length)
    length += chunk.value.length
  }
  return bytes.subarray(0, length)
}
