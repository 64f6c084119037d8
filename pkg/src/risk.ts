/** Scoring: what the application tells, checked and cut; and the same without a session. */
import { parseAddress } from './context/address.js'
import type { RequestContext } from './context/types.js'
import { call } from './core.js'
import { PortcullisError } from './errors.js'
import { refuseUnknown } from './inputs.js'
import { copySecret, wipe } from './keys.js'
import type { RiskRow } from './protocol.js'
import type { AnomalyInput, AnomalyScore, Risk, RiskBlind, RiskPolicy, RiskReason } from './risk-types.js'

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
 * One text for the core: see src/risk/context.rs. Texts are cut; half a character becomes U+FFFD on its way. A value of the
 * wrong type is the application's mistake; one that makes no sense is as good as none.
 */
export function contextText(context: RequestContext | null | undefined): string | undefined {
  if (context === undefined || context === null) return undefined
  check(context, CONTEXT, 'context')
  const { ip, asn, country, lat, lon, networkKind, userAgent, clientHints, tlsFingerprint, language, rttMs, refreshesInTtl } = context
  if (clientHints !== undefined && clientHints !== null) check(clientHints, HINTS, 'context.clientHints')
  const { brands, platform, mobile = '' } = clientHints ?? {}
  const place = [degrees(lat), degrees(lon)]
  const texts = [address(ip), whole(asn, 1), country, ...place, networkKind, userAgent, brands, platform, mobile === '' ? '' : Number(mobile), tlsFingerprint, language, whole(rttMs === undefined ? undefined : Math.round(rttMs), 0), whole(refreshesInTtl, 0)]
  return texts.map((text) => (typeof text === 'string' ? text.slice(0, TEXT_MAX_CHARACTERS).replaceAll('\0', ' ') : (text ?? ''))).join('\0')
}

function check(from: unknown, kinds: { [name: string]: string }, where: string): void {
  if (typeof from !== 'object' || from === null) throw new PortcullisError('ERR_ARGUMENT', `${where} must be an object, as readContext gives it.`)
  for (const [name, value] of Object.entries(from)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) throw new PortcullisError('ERR_ARGUMENT', `${where} has no "${name}": it knows ${Object.keys(kinds).join(', ')}.`)
    if (value !== undefined && value !== null && typeof value !== kind) throw new PortcullisError('ERR_ARGUMENT', `${where}.${name} must be ${kind === 'object' ? 'an object' : `a ${kind}`}.`)
  }
}

function whole(number: number | null | undefined, least: number): number | '' {
  return typeof number === 'number' && Number.isInteger(number) && number >= least && number < 2 ** 32 ? number : ''
}

/** In thousandths: the core looks at half degrees. */
function degrees(value: number | null | undefined): number | '' {
  return typeof value === 'number' && Math.abs(value) <= 180 ? Math.round(value * 1000) : ''
}

/** Four numbers of 32 bits. What is no address is not known. */
function address(text: string | null | undefined): string {
  const groups = parseAddress(text)
  if (groups === null) return ''
  return [0, 2, 4, 6].map((n) => groups[n]! * 65_536 + groups[n + 1]!).join('.')
}

const KINDS: Risk['kind'][] = ['sign_in', 'refresh', 'request', 'step_up']
const ACTIONS: Risk['action'][] = ['allow', 'step_up', 'revoke']
const RESPONSES: Risk['response'][] = ['allow', 'log', 'shorten', 'step_up', 'revoke']
// prettier-ignore
const REASONS: RiskReason[] = ['network_known', 'network_new', 'provider_new', 'country_new', 'velocity', 'hosting', 'tor', 'browser_same', 'browser_newer', 'browser_older', 'browser_changed', 'browser_accepted', 'device_known', 'device_new', 'device_tag_known', 'device_tag_missing', 'tls_same', 'tls_changed', 'hints_contradict', 'language_changed', 'hour', 'round_trip', 'hurried', 'alternating', 'token_retried', 'token_reused', 'token_forked', 'proof_ok', 'proof_failed']
const BLIND: RiskBlind[] = ['ip', 'asn', 'country', 'place', 'network_kind', 'user_agent', 'client_hints', 'tls_fingerprint', 'language', 'rtt', 'device', 'refreshes', 'history']

/** The core's row of numbers in words: see src/decide/event.rs. tests/risk_words.rs sees to it that the tables are the core's. */
export function riskOf(row: RiskRow): Risk
export function riskOf(row: RiskRow | null): Risk | null
export function riskOf(row: RiskRow | null): Risk | null {
  if (row === null) return null
  const [kind, score, evidence, action, response, blind, ...rest] = new Float64Array(row.slice().buffer) as unknown as [number, number, number, number, number, number, ...number[]]
  const reasons: Risk['reasons'] = []
  for (let n = 0; n < rest.length; n += 2) reasons.push([REASONS[rest[n]!]!, rest[n + 1]!])
  return { kind: KINDS[kind]!, score, evidence, action: ACTIONS[action]!, response: RESPONSES[response]!, reasons, blind: BLIND.filter((_, bit) => (blind >> bit) & 1) }
}

const POLICY: Record<keyof RiskPolicy, true> = { dryRun: true, deviceCookie: true, popularity: true, stepUpScore: true, revokeScore: true, signIn: true, refresh: true, request: true }
const ANSWERS = { step_up: true, revoke: true }

/** @throws PortcullisError `ERR_CONFIG` for a name that there is not; the core checks values. */
export function checkRiskPolicy(policy: RiskPolicy | undefined): void {
  if (policy === undefined) return
  refuseUnknown(policy, POLICY, 'policy.risk')
  for (const name of ['signIn', 'refresh', 'request'] as const) if (policy[name] !== undefined) refuseUnknown(policy[name], ANSWERS, `policy.risk.${name}`)
}

const INPUT: Record<keyof AnomalyInput, true> = { kind: true, profile: true, session: true, context: true, policy: true, nowMs: true, tokenFact: true, deviceTag: true, tagKey: true }

/**
 * Scores an event, for those who keep their own sessions: a pure function, without a store, a clock or randomness. Keep
 * `profile` with the user and `session` with the session, and hand them over the next time. Where the action is not `allow`
 * they are what they were, and `pending` is what they become once the user has proved more of who they are: see
 * `confirmAnomaly`.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for what is no kind, context, profile or session; `ERR_CONFIG` for the policy and
 * for a name that there is not; `ERR_CLOCK` for `nowMs`; `ERR_WEAK_KEY` for the `tagKey`
 */
export function scoreAnomaly(input: AnomalyInput): AnomalyScore {
  refuseUnknown(input, INPUT, 'scoreAnomaly')
  const { kind, policy, nowMs, tokenFact, deviceTag } = input
  const tagKey = input.tagKey === undefined ? undefined : copySecret(input.tagKey, 'tagKey')
  const before = { profile: remembered(input.profile, 'profile'), session: remembered(input.session, 'session') }
  if (policy !== undefined) checkRiskPolicy(policy)
  const given = { ...before, kind, tokenFact, deviceTag: deviceTag ?? undefined, context: contextText(input.context ?? {}), policy, tagKey }
  try {
    const { risk, ...after } = call((core) => core.scoreAnomaly(given, nowMs)) as { risk: RiskRow; profile: Uint8Array; session: Uint8Array }
    const { response: _, ...score } = riskOf(risk)
    return score.action === 'allow' ? { ...score, ...after, pending: null } : { ...score, ...before, pending: after }
  } finally {
    if (tagKey !== undefined) wipe([tagKey])
  }
}

/**
 * The profile after a step-up that passed: what is known now and what was pending, whatever happened in between. In any
 * order and any number of times it comes to the same, so it also merges two profiles of one user that went separate ways.
 * The session's part is `pending.session`.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for what `scoreAnomaly` did not give
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
