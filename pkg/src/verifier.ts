import type * as glue from '../wasm/portcullis.js'
import { cacheOf, freeze, type TokenCache } from './cache.js'
import { readClaims } from './claims.js'
import { call, Kept, understood } from './core.js'
import * as desk from './desk.js'
import { PortcullisError } from './errors.js'
import { Host } from './host.js'
import { refuseUnknown, textList, wellFormed } from './inputs.js'
import { copyTokenKeys, type TokenKeyCopy, wipe } from './keys.js'
import { type Reason, reason, reasonAt } from './reasons.js'
import type { TokenVerifier, VerifiedToken, VerifierOptions } from './types.js'

/** The longest token that is looked at. A longer one is not even copied into the core. */
const TOKEN_MAX_BYTES = 8192
/** What the core gives instead of a length where the clock gave no time. */
const NO_TIME = -(2 ** 31)

/**
 * A verifier with its keys kept ready: the fast way to check many tokens. Its keys and its policy
 * never change; for other ones create another.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`
 */
export function createVerifier(options: VerifierOptions): TokenVerifier {
  return new Verifier(options)
}

class Verifier implements TokenVerifier {
  readonly #keys: TokenKeyCopy[]
  readonly #core: Kept<glue.TokenVerifier>
  readonly #host: Host
  readonly #cache: TokenCache<VerifiedToken> | undefined

  constructor(options: VerifierOptions) {
    refuseUnknown(options, OPTIONS, 'createVerifier')
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
    this.#host = new Host(clock, undefined)
    this.#cache = cacheOf(cache)
    const types = Array.isArray(typ)
      ? typ.map((one) => (one === null ? null : wellFormed(one, 'typ')))
      : [wellFormed(typ, 'typ')]
    const policy = {
      issuer: wellFormed(issuer, 'issuer'),
      audiences: audiences(audience),
      types,
      required: textList(requiredClaims, 'requiredClaims'),
      leewaySeconds,
      maxLifetimeSeconds,
      maxTokenAgeSeconds,
    }
    this.#keys = copyTokenKeys(keys)
    this.#core = new Kept(
      { keys: this.#keys, ...policy },
      (core, stated) => new core.TokenVerifier(stated),
    )
  }

  verify(token: string, { nowMs = this.#host.now() }: { nowMs?: number } = {}): VerifiedToken {
    if (typeof token !== 'string') {
      throw new PortcullisError('ERR_ARGUMENT', 'The token must be a string.')
    }
    if (token.length > TOKEN_MAX_BYTES) return refused(reason('ERR_TOKEN_FORMAT'))
    const known = this.#cache === undefined ? undefined : this.#cache.get(token, nowMs)
    return known ?? this.#verify(token, nowMs)
  }

  dispose(): void {
    this.#core.dispose()
    this.#cache?.clear()
    wipe(this.#keys.map((key) => key.material))
  }

  #verify(token: string, nowMs: number): VerifiedToken {
    try {
      const core = this.#core.ready()
      // What is not ASCII takes more room than its characters, and is no token.
      const length = desk.write(token)
      const said = core.verify(length === token.length ? length : 0, nowMs)
      if (said < 0) return said === NO_TIME ? noTime(nowMs) : refused(reasonAt(~said))
      const answer: VerifiedToken = { ok: true, claims: readClaims(said) }
      if (this.#cache !== undefined) {
        this.#cache.set(token, nowMs, {
          answer: freeze(answer),
          fromMs: core.goodFrom(),
          untilMs: core.goodUntil(),
        })
      }
      return answer
    } catch (thrown) {
      throw understood(thrown)
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

export function audiences(audience: string | string[]): string[] {
  return Array.isArray(audience)
    ? textList(audience, 'audience')
    : [wellFormed(audience, 'audience')]
}

function refused({ code, message }: Reason): VerifiedToken {
  return { ok: false, code, message }
}

function noTime(nowMs: number): never {
  call((core) => core.checkTime(nowMs))
  throw new PortcullisError(
    'ERR_INTERNAL',
    'Something that should be impossible happened: please report it.',
  )
}
