import { checkText, encodeJson, rejectUnknownOptions } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { HostServices } from '../core/host.js'
import { copyTokenKey, copyTokenKeys, type TokenKeyCopy, wipe } from '../core/key-input.js'
import * as sharedBuffer from '../core/shared-buffer.js'
import type { Json } from '../core/types.js'
import { type SignerHandle, WasmHandle } from '../core/wasm.js'
import type { GenerateTokenOptions, SignerOptions, TokenSigner } from './types.js'
import { toAudienceList } from './verifier.js'

/**
 * Signs claims of your own, and adds iss, aud, iat and exp. The claims are a plain object of at
 * most 4 KiB as JSON. Copies the key at each call; `createSigner` copies it once.
 *
 * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function generateToken(
  claims: { [name: string]: Json },
  { nowMs, ...options }: GenerateTokenOptions,
): string {
  const signer = createSigner(options)
  try {
    return signer.sign(claims, { nowMs })
  } finally {
    signer.dispose()
  }
}

/**
 * Creates a signer that keeps its keys ready, to sign many tokens.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_ARGUMENT`
 */
export function createSigner(options: SignerOptions): TokenSigner {
  return new Signer(options)
}

class Signer implements TokenSigner {
  readonly #keys: TokenKeyCopy[]
  readonly #core: SignerHandle
  readonly #host: HostServices

  constructor(options: SignerOptions) {
    rejectUnknownOptions(options, OPTIONS, 'createSigner')
    const { key, issuer, audience, typ = 'JWT', ttlSeconds, clock } = options
    this.#host = new HostServices(clock, undefined)
    const settings = {
      issuer: checkText(issuer, 'issuer'),
      audiences: toAudienceList(audience),
      typ: checkText(typ, 'typ'),
      ttlSeconds,
    }
    this.#keys = Array.isArray(key) ? copyTokenKeys(key) : [copyTokenKey(key)]
    this.#core = new WasmHandle(
      { keys: this.#keys, ...settings },
      (core, input) => new core.TokenSigner(input),
    )
  }

  sign(
    claims: { [name: string]: Json },
    { nowMs = this.#host.now() }: { nowMs?: number } = {},
  ): string {
    const text = encodeJson(claims, 'claims') ?? ''
    return this.#core.call((core) => {
      const length = sharedBuffer.writeText(text)
      if (length < 0) {
        throw new PortcullisError(
          'ERR_ARGUMENT',
          'The claims are too large: pass at most 4096 bytes of JSON.',
        )
      }
      return sharedBuffer.readText(core.sign(length, nowMs))
    })
  }

  dispose(): void {
    this.#core.dispose()
    wipe(this.#keys.map((key) => key.material))
  }
}

const OPTIONS: Record<keyof SignerOptions, true> = {
  key: true,
  issuer: true,
  audience: true,
  typ: true,
  ttlSeconds: true,
  clock: true,
}
