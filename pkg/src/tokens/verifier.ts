import { decodeClaims } from '../core/decode-claims.js'
import { checkText, checkTextList, rejectUnknownOptions } from '../core/encode.js'
import { internalError, PortcullisError } from '../core/errors.js'
import { HostServices } from '../core/host.js'
import { copyTokenKeys, type TokenKeyCopy, wipe } from '../core/key-input.js'
import { findRejection, rejectionAt, type RejectionEntry } from '../core/rejections.js'
import * as sharedBuffer from '../core/shared-buffer.js'
import { callCore, toPortcullisError, type VerifierHandle, WasmHandle } from '../core/wasm.js'
import { createTokenCache, deepFreeze, type TokenCache } from './token-cache.js'
import type { TokenVerifier, VerifiedToken, VerifierOptions, VerifyTokenOptions } from './types.js'

/** A longer token is rejected without being copied into the core. */
const MAX_TOKEN_BYTES = 8192
/** The status that the core gives for an invalid time instead of a length. */
const INVALID_CLOCK = -(2 ** 31)

/**
 * Creates a verifier that keeps its keys ready, to verify many tokens. Its keys and its options
 * never change.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`
 */
export function createVerifier(options: VerifierOptions): TokenVerifier {
  return new Verifier(options)
}

/**
 * Verifies a token strictly (RFC 7519, RFC 8725), of your own or of another issuer. The key decides
 * the algorithm: HS256, EdDSA or ES256. Checks canonical base64url, unique names, the signature,
 * exp, iss, aud and typ. Copies the keys at each call; `createVerifier` copies them once.
 *
 * @throws PortcullisError for wrong options only; an invalid token is a result with `ok: false`
 */
export function verifyToken(
  token: string,
  { nowMs, ...options }: VerifyTokenOptions,
): VerifiedToken {
  const verifier = createVerifier({ ...options, cache: false })
  try {
    return verifier.verify(token, { nowMs })
  } finally {
    verifier.dispose()
  }
}

class Verifier implements TokenVerifier {
  readonly #keys: TokenKeyCopy[]
  readonly #core: VerifierHandle
  readonly #host: HostServices
  readonly #cache: TokenCache<VerifiedToken> | undefined

  constructor(options: VerifierOptions) {
    rejectUnknownOptions(options, OPTIONS, 'createVerifier')
    const {
      keys,
      issuer,
      audience,
      typ = 'JWT',
      requiredClaims,
      leewaySeconds,
      maxLifetimeSeconds,
      maxTokenAgeSeconds,
      clock,
      cache,
    } = options
    this.#host = new HostServices(clock, undefined)
    this.#cache = createTokenCache(cache)
    const types = Array.isArray(typ)
      ? typ.map((one) => (one === null ? null : checkText(one, 'typ')))
      : [checkText(typ, 'typ')]
    const policy = {
      issuer: checkText(issuer, 'issuer'),
      audiences: toAudienceList(audience),
      types,
      required: checkTextList(requiredClaims, 'requiredClaims'),
      leewaySeconds,
      maxLifetimeSeconds,
      maxTokenAgeSeconds,
    }
    this.#keys = copyTokenKeys(keys)
    this.#core = new WasmHandle(
      { keys: this.#keys, ...policy },
      (core, input) => new core.TokenVerifier(input),
    )
  }

  verify(token: string, { nowMs = this.#host.now() }: { nowMs?: number } = {}): VerifiedToken {
    if (typeof token !== 'string') {
      throw new PortcullisError('ERR_ARGUMENT', 'The token must be a string.')
    }
    if (token.length > MAX_TOKEN_BYTES) return toRejection(findRejection('ERR_TOKEN_FORMAT'))
    const cached = this.#cache === undefined ? undefined : this.#cache.get(token, nowMs)
    return cached ?? this.#verify(token, nowMs)
  }

  dispose(): void {
    this.#core.dispose()
    this.#cache?.clear()
    wipe(this.#keys.map((key) => key.material))
  }

  #verify(token: string, nowMs: number): VerifiedToken {
    try {
      const core = this.#core.ready()
      // A text with other characters than ASCII has more bytes than characters, and is no token.
      const length = sharedBuffer.writeText(token)
      const status = core.verify(length === token.length ? length : 0, nowMs)
      if (status < 0) {
        return status === INVALID_CLOCK
          ? throwClockError(nowMs)
          : toRejection(rejectionAt(~status))
      }
      const result: VerifiedToken = { ok: true, claims: decodeClaims(status) }
      if (this.#cache !== undefined) {
        this.#cache.set(token, nowMs, {
          result: deepFreeze(result),
          fromMs: core.validFromMs(),
          untilMs: core.validUntilMs(),
        })
      }
      return result
    } catch (thrown) {
      throw toPortcullisError(thrown)
    }
  }
}

const OPTIONS: Record<keyof VerifierOptions, true> = {
  keys: true,
  issuer: true,
  audience: true,
  typ: true,
  requiredClaims: true,
  leewaySeconds: true,
  maxLifetimeSeconds: true,
  maxTokenAgeSeconds: true,
  clock: true,
  cache: true,
}

export function toAudienceList(audience: string | string[]): string[] {
  return Array.isArray(audience)
    ? checkTextList(audience, 'audience')
    : [checkText(audience, 'audience')]
}

function toRejection({ code, message }: RejectionEntry): VerifiedToken {
  return { ok: false, code, message }
}

function throwClockError(nowMs: number): never {
  callCore((core) => core.checkTime(nowMs))
  throw internalError()
}
