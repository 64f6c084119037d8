import { PortcullisError } from '../core/errors.js'
import { copyTokenKeys, wipe } from '../core/key-input.js'
import type { PublicJwk, TokenKey } from '../core/types.js'
import { callCore } from '../core/wasm.js'
import type {
  JsonWebKeySet,
  JwksOptions,
  JwksVerifierOptions,
  PublishedKeys,
  TokenVerifier,
} from './types.js'
import { createVerifier } from './verifier.js'

/**
 * The public keys of a ring as a JSON Web Key Set (RFC 7517), upcoming ones too, with the headers
 * to serve it with. Keys that are no pairs (`secret`, `hmac`) are nobody else's business and not in
 * it.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_CLOCK`
 */
export function jwks(keys: TokenKey[], { nowMs = Date.now() }: JwksOptions = {}): PublishedKeys {
  const copies = copyTokenKeys(keys)
  try {
    return toJwksResponse(callCore((core) => core.createJwks({ keys: copies }, nowMs)))
  } finally {
    wipe(copies.map((key) => key.material))
  }
}

export function toJwksResponse(
  { set, maxAgeSeconds }: { set: string; maxAgeSeconds: number },
): PublishedKeys {
  const headers = new Headers({
    'content-type': 'application/jwk-set+json',
    'cache-control': `public, max-age=${maxAgeSeconds}`,
  })
  return { jwks: JSON.parse(set) as JsonWebKeySet, body: set, maxAgeSeconds, headers }
}

/**
 * Verifies another issuer's tokens with the set of keys it publishes. Fetching it is yours to do,
 * and so is fetching it anew: for a new set create a new verifier.
 *
 * Keys of a kind that is not known here (RSA, other curves, encryption) are passed over, as RFC
 * 7517 section 5 says.
 *
 * @throws PortcullisError `ERR_CONFIG` where the set is none, holds a secret or private key, or no
 * key that can be used
 */
export function jwksVerifier(set: JsonWebKeySet, options: JwksVerifierOptions): TokenVerifier {
  if (!Array.isArray(set?.keys)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'A JSON Web Key Set is { keys: [...] }: did the fetch give an error page?',
    )
  }
  if (set.keys.some((jwk) => jwk?.kty === 'oct')) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The set holds a secret (kty oct), which no published set may: tell its issuer.',
    )
  }
  const keys = set.keys.filter(isSupportedJwk).map((jwk) => ({ jwk }))
  if (keys.length === 0) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The set holds no key that can be used here: OKP with Ed25519, or EC with P-256, for signatures.',
    )
  }
  return createVerifier({ ...options, keys })
}

const SUPPORTED_KINDS = [
  { kty: 'OKP', crv: 'Ed25519', algs: [undefined, 'EdDSA', 'Ed25519'] },
  { kty: 'EC', crv: 'P-256', algs: [undefined, 'ES256'] },
]

function isSupportedJwk(jwk: PublicJwk): boolean {
  const kind = SUPPORTED_KINDS.find(({ kty, crv }) => jwk?.kty === kty && jwk.crv === crv)
  const operations = jwk?.key_ops
  return kind?.algs.includes(jwk.alg as string | undefined) === true
    && [undefined, 'sig'].includes(jwk.use as string | undefined)
    && (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
}
