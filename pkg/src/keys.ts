/**
 * Keys, from how the application spells them to how the core takes them. Copies are ours to wipe.
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

/** No key and no name of one is longer. */
const MAX_CHARACTERS = 8193

export function copyKeys(keys: Keys): { ring: KeyCopy[]; index: SecretBytes } {
  if (typeof keys !== 'object' || keys === null || !Array.isArray(keys.ring)) {
    throw wrong('keys must be { ring: [{ id, secret }], index: secret }, the newest key first.')
  }
  return { ring: keys.ring.map(copyRingKey), index: copySecret(keys.index, 'keys.index') }
}

export function copyRingKey(key: RingKey): KeyCopy {
  const id = key?.id
  if (typeof id !== 'string') {
    throw wrong('A key of the ring needs an id (a string of 1 to 128 characters) and a secret.')
  }
  return {
    id: name(id),
    secret: copySecret(key.secret, `the secret of key "${id}"`),
    schedule: schedule(key),
  }
}

/** The key pairs of a ring, by the names of their keys. */
export function copyPairs(ring: RingKey[]): TokenKeyCopy[] {
  return ring.filter((key) => key.signing !== undefined).map((key) => ({
    ...copyPair(key.signing as KeyPair),
    id: key.id,
  }))
}

export function copyTokenKey(key: TokenKey): TokenKeyCopy {
  if (typeof key !== 'object' || key === null) throw wrong(FORMS)
  const forms = ['secret', 'hmac', 'jwk', 'pem', 'der'].filter((form) =>
    (key as unknown as Record<string, unknown>)[form] !== undefined
  )
  if (forms.length !== 1) throw wrong(FORMS)
  const id = key.id === undefined ? undefined : name(key.id)
  const whose = id === undefined ? 'a key' : `key "${id}"`
  if ('secret' in key) {
    return {
      id,
      form: 'ring',
      material: copySecret(key.secret, `the secret of ${whose}`),
      schedule: schedule(key),
    }
  }
  if ('hmac' in key) {
    return {
      id,
      form: 'hmac',
      material: copySecret(key.hmac, `the secret of ${whose}`),
      schedule: schedule(key),
    }
  }
  return { ...copyPair(key), id, schedule: schedule(key) }
}

export function copyTokenKeys(keys: TokenKey[]): TokenKeyCopy[] {
  if (!Array.isArray(keys) || keys.length > KEYS_MAX) {
    throw wrong(`keys must be an array of at most ${KEYS_MAX} keys.`)
  }
  return keys.map(copyTokenKey)
}

/** Our copies of the secrets do not outlive their use. */
export function wipe(secrets: Iterable<SecretBytes>): void {
  for (const { bytes } of secrets) bytes.fill(0)
}

const KEYS_MAX = 64
const FORMS =
  'A key must be one of { id, secret }, { hmac }, { jwk }, { pem } and { der }: is the environment variable set?'

function copyPair(key: KeyPair): TokenKeyCopy {
  const text = (form: 'jwk' | 'pem', value: string): TokenKeyCopy => ({
    id: undefined,
    form,
    material: { bytes: new TextEncoder().encode(short(value)), isText: true },
    schedule: {},
  })
  if ('pem' in key && typeof key.pem === 'string') return text('pem', key.pem)
  if ('jwk' in key && typeof key.jwk === 'object' && key.jwk !== null) {
    return text('jwk', json(key.jwk))
  }
  if ('der' in key && key.der instanceof Uint8Array && key.der.length <= MAX_CHARACTERS) {
    return {
      id: undefined,
      form: 'der',
      material: { bytes: key.der.slice(), isText: false },
      schedule: {},
    }
  }
  throw wrong(FORMS)
}

function json(jwk: object): string {
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

export function copySecret(secret: SecretInput, whose: string): SecretBytes {
  if (secret?.length > MAX_CHARACTERS) {
    throw wrong(`${whose} has ${secret.length} bytes: 32 are enough.`)
  }
  if (typeof secret === 'string') return { bytes: new TextEncoder().encode(secret), isText: true }
  if (secret instanceof Uint8Array) return { bytes: secret.slice(), isText: false }
  throw wrong(
    `${whose} must be a Uint8Array, or a string in base64url: is the environment variable set?`,
  )
}

function schedule({ activeAtMs, retiringAtMs, retiredAtMs }: KeySchedule): KeySchedule {
  for (const time of [activeAtMs, retiringAtMs, retiredAtMs]) {
    if (time !== undefined && typeof time !== 'number') {
      throw wrong(
        "A key's activeAtMs, retiringAtMs and retiredAtMs must be milliseconds since 1970.",
      )
    }
  }
  return { activeAtMs, retiringAtMs, retiredAtMs }
}

function name(id: unknown): string {
  if (typeof id !== 'string') throw wrong("A key's id must be a string of 1 to 128 characters.")
  return short(id)
}

function short(text: string): string {
  if (text.length > MAX_CHARACTERS) {
    throw wrong(`A key has ${text.length} characters, far more than it may.`)
  }
  return text
}

function wrong(why: string): PortcullisError {
  return new PortcullisError('ERR_CONFIG', why)
}
