/**
 * Copies keys from the form that the application passes into the form that the core takes. The
 * copies belong to this package, which wipes them.
 */
import { PortcullisError } from './errors.js'
import type { KeyPair, Keys, KeySchedule, RingKey, SecretInput, TokenKey } from './types.js'

export interface SecretBytes {
  bytes: Uint8Array
  isText: boolean
}

export interface KeyCopy {
  id: string
  secret: SecretBytes
  schedule: KeySchedule
}

export interface TokenKeyCopy {
  id: string | undefined
  form: 'ring' | 'hmac' | 'jwk' | 'pem' | 'der'
  material: SecretBytes
  schedule: KeySchedule
}

/** Longer than any key or key ID that the core accepts. */
const MAX_CHARACTERS = 8193

export function copyKeyRing(keys: Keys): { ring: KeyCopy[]; index: SecretBytes } {
  if (typeof keys !== 'object' || keys === null || !Array.isArray(keys.ring)) {
    throw configError(
      'keys must be { ring: [{ id, secret }], index: secret }, the newest key first.',
    )
  }
  return { ring: keys.ring.map(copyRingKey), index: copySecret(keys.index, 'keys.index') }
}

export function copyRingKey(key: RingKey): KeyCopy {
  const id = key?.id
  if (typeof id !== 'string') {
    throw configError(
      'A key of the ring needs an id (a string of 1 to 128 characters) and a secret.',
    )
  }
  return {
    id: checkKeyId(id),
    secret: copySecret(key.secret, `the secret of key "${id}"`),
    schedule: copySchedule(key),
  }
}

/** Copies the signing keys of a ring, each with the key ID of its ring key. */
export function copySigningKeys(ring: RingKey[]): TokenKeyCopy[] {
  return ring.filter((key) => key.signing !== undefined).map((key) => ({
    ...copyAsymmetricKey(key.signing as KeyPair),
    id: key.id,
  }))
}

export function copyTokenKey(key: TokenKey): TokenKeyCopy {
  if (typeof key !== 'object' || key === null) throw configError(KEY_FORMS_MESSAGE)
  const forms = ['secret', 'hmac', 'jwk', 'pem', 'der'].filter((form) =>
    (key as unknown as Record<string, unknown>)[form] !== undefined
  )
  if (forms.length !== 1) throw configError(KEY_FORMS_MESSAGE)
  const id = key.id === undefined ? undefined : checkKeyId(key.id)
  const owner = id === undefined ? 'a key' : `key "${id}"`
  if ('secret' in key) {
    return {
      id,
      form: 'ring',
      material: copySecret(key.secret, `the secret of ${owner}`),
      schedule: copySchedule(key),
    }
  }
  if ('hmac' in key) {
    return {
      id,
      form: 'hmac',
      material: copySecret(key.hmac, `the secret of ${owner}`),
      schedule: copySchedule(key),
    }
  }
  return { ...copyAsymmetricKey(key), id, schedule: copySchedule(key) }
}

export function copyTokenKeys(keys: TokenKey[]): TokenKeyCopy[] {
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) {
    throw configError(`keys must be an array of at most ${MAX_KEYS} keys.`)
  }
  return keys.map(copyTokenKey)
}

/** Overwrites copies of secrets with zeros. */
export function wipe(secrets: Iterable<SecretBytes>): void {
  for (const { bytes } of secrets) bytes.fill(0)
}

const MAX_KEYS = 64
const KEY_FORMS_MESSAGE =
  'Invalid key: pass { id, secret }, { hmac }, { jwk }, { pem } or { der }, and check the environment variable.'

function copyAsymmetricKey(key: KeyPair): TokenKeyCopy {
  const text = (form: 'jwk' | 'pem', value: string): TokenKeyCopy => ({
    id: undefined,
    form,
    material: { bytes: new TextEncoder().encode(checkLength(value)), isText: true },
    schedule: {},
  })
  if ('pem' in key && typeof key.pem === 'string') return text('pem', key.pem)
  if ('jwk' in key && typeof key.jwk === 'object' && key.jwk !== null) {
    return text('jwk', encodeJwk(key.jwk))
  }
  if ('der' in key && key.der instanceof Uint8Array && key.der.length <= MAX_CHARACTERS) {
    return {
      id: undefined,
      form: 'der',
      material: { bytes: key.der.slice(), isText: false },
      schedule: {},
    }
  }
  throw configError(KEY_FORMS_MESSAGE)
}

function encodeJwk(jwk: object): string {
  try {
    return JSON.stringify(jwk) ?? ''
  } catch (cause) {
    throw new PortcullisError(
      'ERR_CONFIG',
      'A JSON Web Key must be a plain object of JSON values.',
      { cause },
    )
  }
}

export function copySecret(secret: SecretInput, owner: string): SecretBytes {
  if (secret?.length > MAX_CHARACTERS) {
    throw configError(`${owner} is too long (${secret.length} bytes): use 32 random bytes.`)
  }
  if (typeof secret === 'string') return { bytes: new TextEncoder().encode(secret), isText: true }
  if (secret instanceof Uint8Array) return { bytes: secret.slice(), isText: false }
  throw configError(
    `${owner} must be a Uint8Array, or a string in base64url: check the environment variable.`,
  )
}

function copySchedule({ activeAtMs, retiringAtMs, retiredAtMs }: KeySchedule): KeySchedule {
  for (const time of [activeAtMs, retiringAtMs, retiredAtMs]) {
    if (time !== undefined && typeof time !== 'number') {
      throw configError(
        "A key's activeAtMs, retiringAtMs and retiredAtMs must be milliseconds since 1970.",
      )
    }
  }
  return { activeAtMs, retiringAtMs, retiredAtMs }
}

function checkKeyId(id: unknown): string {
  if (typeof id !== 'string') {
    throw configError("A key's id must be a string of 1 to 128 characters.")
  }
  return checkLength(id)
}

function checkLength(text: string): string {
  if (text.length > MAX_CHARACTERS) {
    throw configError(
      `A key is too long (${text.length} characters): check the environment variable.`,
    )
  }
  return text
}

function configError(why: string): PortcullisError {
  return new PortcullisError('ERR_CONFIG', why)
}
