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
 * Gives the public keys of a ring as a JSON Web Key Set (RFC 7517), upcoming keys included, with
 * the headers to serve it with. Symmetric keys (`secret`, `hmac`) are left out, because they must
 * stay secret.
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
 * Creates a verifier of another issuer's tokens from the key set that the issuer publishes. The
 * application fetches the set, and creates a new verifier when the set has changed.
 *
 * Keys of an unsupported type (RSA, other curves, encryption) are ignored (RFC 7517 section 5).
 *
 * @throws PortcullisError `ERR_CONFIG` if the set is malformed, holds a secret or private key, or
 * no supported key
 */
export function jwksVerifier(set: JsonWebKeySet, options: JwksVerifierOptions): TokenVerifier {
  if (!Array.isArray(set?.keys)) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Not a JSON Web Key Set: pass { keys: [...] }, and check that the fetch gave no error page.',
    )
  }
  if (set.keys.some((jwk) => jwk?.kty === 'oct')) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The key set has a secret key (kty oct), which must not be published: tell its issuer.',
    )
  }
  const keys = set.keys.filter(isSupportedJwk).map((jwk) => ({ jwk }))
  if (keys.length === 0) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'The key set has no supported key: expected OKP with Ed25519, or EC with P-256, for signatures.',
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
