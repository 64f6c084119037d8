/** Scoring: what the application tells, checked and cut; and the same without a session. */
import { parseAddress } from './context/address.js'
import type { RequestContext } from './context/types.js'
import { call } from './core.js'
import { PortcullisError } from './errors.js'
import { refuseUnknown } from './inputs.js'
import { copySecret, wipe } from './keys.js'
import type { AnomalyInput, AnomalyScore, Risk, RiskPolicy } from './risk-types.js'

/** No signal is looked at beyond that. */
const TEXT_MAX_CHARACTERS = 1024

const CONTEXT: Record<keyof RequestContext, 'string' | 'number' | 'object'> = {
  ip: 'string',
  asn: 'number',
  country: 'string',
  lat: 'number',
  lon: 'number',
  networkKind: 'string',
  userAgent: 'string',
  clientHints: 'object',
  tlsFingerprint: 'string',
  tlsFingerprintKind: 'string',
  language: 'string',
  rttMs: 'number',
  refreshesInTtl: 'number',
}

const HINTS = { brands: 'string', platform: 'string', mobile: 'boolean' } as const

/**
 * A copy for the core: what is not known stays out, and texts are cut. (Half a character becomes U+FFFD on its way.) A value
 * of the wrong type is the application's mistake; one that makes no sense is as good as none.
 */
export function contextOf(context: unknown): { [name: string]: unknown } | undefined {
  if (context === undefined || context === null) return undefined
  const copy = copied(context, CONTEXT, 'context')
  if (typeof copy.ip === 'string') copy.ip = addressBytes(copy.ip)
  if (copy.clientHints !== undefined) copy.clientHints = copied(copy.clientHints, HINTS, 'context.clientHints')
  return copy
}

function copied(from: unknown, kinds: { [name: string]: string }, where: string): { [name: string]: unknown } {
  if (typeof from !== 'object' || from === null) throw new PortcullisError('ERR_ARGUMENT', `${where} must be an object, as readContext gives it.`)
  const copy: { [name: string]: unknown } = {}
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || value === null) continue
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) throw new PortcullisError('ERR_ARGUMENT', `${where} has no "${name}": it knows ${Object.keys(kinds).join(', ')}.`)
    if (typeof value !== kind) throw new PortcullisError('ERR_ARGUMENT', `${where}.${name} must be ${kind === 'object' ? 'an object' : `a ${kind}`}.`)
    copy[name] = typeof value === 'string' ? value.slice(0, TEXT_MAX_CHARACTERS) : value
  }
  return copy
}

/** What is no address is not known. */
function addressBytes(text: string): Uint8Array | undefined {
  const address = parseAddress(text)
  return address === null ? undefined : Uint8Array.from(address.flatMap((group) => [group >> 8, group & 255]))
}

const POLICY: Record<keyof RiskPolicy, true> = { dryRun: true, deviceCookie: true, popularity: true, stepUpScore: true, revokeScore: true, signIn: true, refresh: true, request: true }
const ANSWERS = { step_up: true, revoke: true }

/** @throws PortcullisError `ERR_CONFIG` for a name that there is not; the core checks values. */
export function checkRiskPolicy(policy: RiskPolicy | undefined): RiskPolicy {
  if (policy === undefined) return {}
  refuseUnknown(policy, POLICY, 'policy.risk')
  for (const name of ['signIn', 'refresh', 'request'] as const) if (policy[name] !== undefined) refuseUnknown(policy[name], ANSWERS, `policy.risk.${name}`)
  return policy
}

const INPUT: Record<keyof AnomalyInput, true> = { kind: true, profile: true, session: true, context: true, policy: true, nowMs: true, tokenFact: true, deviceTag: true, tagKey: true }

/**
 * Scores an event without a store and without a session: a pure function. Keep `profile` and `session` of what it gives.
 * Where the action is not `allow` they are what they were, and `pending` is what they become once the user has proved more
 * of who they are: see `confirmAnomaly`.
 *
 * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CONFIG`, `ERR_CLOCK`; `ERR_WEAK_KEY` for the `tagKey`
 */
export function scoreAnomaly(input: AnomalyInput): AnomalyScore {
  refuseUnknown(input, INPUT, 'scoreAnomaly')
  const { kind, policy, nowMs, tokenFact, deviceTag } = input
  const tagKey = input.tagKey === undefined ? undefined : copySecret(input.tagKey, 'tagKey')
  const before = { profile: remembered(input.profile, 'profile'), session: remembered(input.session, 'session') }
  const context = { ...contextOf(input.context ?? {}), kind, tokenFact, deviceTag: deviceTag ?? undefined }
  try {
    const { risk, ...after } = call((core) => core.scoreAnomaly({ ...before, context, policy: checkRiskPolicy(policy), tagKey }, nowMs)) as { risk: Risk; profile: Uint8Array; session: Uint8Array }
    const { response: _, ...score } = risk
    return risk.action === 'allow' ? { ...score, ...after, pending: null } : { ...score, ...before, pending: after }
  } finally {
    if (tagKey !== undefined) wipe([tagKey])
  }
}

/**
 * The profile after a step-up that passed: what is known now and what was pending, whatever happened in between. In any
 * order and any number of times it comes to the same.
 *
 * @throws PortcullisError `ERR_ARGUMENT`
 */
export function confirmAnomaly(profile: Uint8Array | null, pending: { profile: Uint8Array }): Uint8Array {
  if (!(pending?.profile instanceof Uint8Array)) throw new PortcullisError('ERR_ARGUMENT', 'pending must be what scoreAnomaly gave as such.')
  const [now, then] = [remembered(profile, 'profile'), remembered(pending.profile, 'pending.profile')]
  return call((core) => core.mergeProfiles(now, then))
}

/** More is not even copied into the core. */
const REMEMBERED_MAX_BYTES = 4096

function remembered(bytes: unknown, name: string): Uint8Array {
  if (bytes === undefined || bytes === null) return new Uint8Array()
  if (!(bytes instanceof Uint8Array) || bytes.length > REMEMBERED_MAX_BYTES) throw new PortcullisError('ERR_ARGUMENT', `${name} must be the bytes that scoreAnomaly gave, or null.`)
  return bytes
}
