import { jsonText, refuseUnknown, wellFormed } from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { Host } from '../core/host.js'
import { copyTokenKey, copyTokenKeys, type TokenKeyCopy, wipe } from '../core/key-input.js'
import * as desk from '../core/shared-buffer.js'
import type { Json } from '../core/types.js'
import { Kept, type SignerHandle } from '../core/wasm.js'
import type { GenerateTokenOptions, SignerOptions, TokenSigner } from './types.js'
import { audiences } from './verifier.js'

/**
 * Signs your own claims (a plain object, at most 4 KiB as JSON) beside iss, aud, iat and exp.
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
 * A signer with its keys kept ready: the fast way to sign many tokens.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_ARGUMENT`
 */
export function createSigner(options: SignerOptions): TokenSigner {
  return new Signer(options)
}

class Signer implements TokenSigner {
  readonly #keys: TokenKeyCopy[]
  readonly #core: SignerHandle
  readonly #host: Host

  constructor(options: SignerOptions) {
    refuseUnknown(options, OPTIONS, 'createSigner')
    const { key, issuer, audience, typ = 'JWT', ttlSeconds, clock } = options
    this.#host = new Host(clock, undefined)
    const names = {
      issuer: wellFormed(issuer, 'issuer'),
      audiences: audiences(audience),
      typ: wellFormed(typ, 'typ'),
      ttlSeconds,
    }
    this.#keys = Array.isArray(key) ? copyTokenKeys(key) : [copyTokenKey(key)]
    this.#core = new Kept(
      { keys: this.#keys, ...names },
      (core, stated) => new core.TokenSigner(stated),
    )
  }

  sign(
    claims: { [name: string]: Json },
    { nowMs = this.#host.now() }: { nowMs?: number } = {},
  ): string {
    const text = jsonText(claims, 'claims') ?? ''
    return this.#core.call((core) => {
      const length = desk.write(text)
      if (length < 0) {
        throw new PortcullisError(
          'ERR_ARGUMENT',
          'The claims take far more than the 4096 bytes that they may.',
        )
      }
      return desk.read(core.sign(length, nowMs))
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
