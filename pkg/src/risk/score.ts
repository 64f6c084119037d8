/**
 * Encodes request contexts for the core, decodes its assessments, and scores events without a
 * session.
 */
import { parseAddress } from '../context/address.js'
import type { RequestContext } from '../context/types.js'
import { checkOptionalText, rejectNullOptions, rejectUnknownOptions } from '../core/encode.js'
import { internalError, PortcullisError } from '../core/errors.js'
import { copySecret, wipe } from '../core/key-input.js'
import type { RiskRow } from '../core/protocol.js'
import { view, writeText } from '../core/shared-buffer.js'
import { callCore } from '../core/wasm.js'
import type {
  MissingSignal,
  RiskAssessment,
  RiskPolicy,
  RiskReason,
  ScoreAnomalyInput,
  ScoreAnomalyResult,
} from './types.js'

/**
 * The limits to which texts are cut: the first for the user agent, the list of brands and
 * fingerprints, the second for all others. Together they fit into the shared buffer.
 */
const MAX_LONG_TEXT_CHARACTERS = 1024
const MAX_TEXT_CHARACTERS = 128

const CONTEXT_MEMBERS: Record<keyof RequestContext, 'string' | 'number' | 'object'> = {
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
  refreshesPerAccessTtl: 'number',
}

const CLIENT_HINT_MEMBERS = { brands: 'string', platform: 'string', mobile: 'boolean' } as const

/**
 * Encodes a context as one text: see src/risk/context.rs. Texts are cut; a lone surrogate becomes
 * U+FFFD. A value that makes no sense counts as missing.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for a value of the wrong type, and for an unknown member
 */
export function encodeContext(context: RequestContext | null | undefined): string | undefined {
  if (context === undefined || context === null) return undefined
  checkMembers(context, CONTEXT_MEMBERS, 'context')
  const { clientHints } = context
  if (clientHints !== undefined && clientHints !== null) {
    checkMembers(clientHints, CLIENT_HINT_MEMBERS, 'context.clientHints')
  }
  const place = `${encodeDegrees(context.lat)}\0${encodeDegrees(context.lon)}`
  const network = `${encodeAddress(context.ip)}\0${encodeInteger(context.asn)}\0${
    encodeText(context.country)
  }\0${place}\0${encodeText(context.networkKind)}`
  const hints = clientHints
    ? `${encodeText(clientHints.brands, MAX_LONG_TEXT_CHARACTERS)}\0${
      encodeText(clientHints.platform)
    }\0${encodeFlag(clientHints.mobile)}`
    : '\0\0'
  const rtt = typeof context.rttMs === 'number' ? encodeInteger(Math.round(context.rttMs)) : ''
  return `${network}\0${encodeText(context.userAgent, MAX_LONG_TEXT_CHARACTERS)}\0${hints}\0${
    encodeText(context.tlsFingerprint, MAX_LONG_TEXT_CHARACTERS)
  }\0${encodeText(context.language)}\0${rtt}\0${encodeInteger(context.refreshesPerAccessTtl)}`
}

function checkMembers(
  from: unknown,
  kinds: { readonly [name: string]: string },
  where: string,
): void {
  if (typeof from !== 'object' || from === null) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `${where} must be an object, as readContext gives it.`,
    )
  }
  const entries = from as { [name: string]: unknown }
  for (const name in entries) {
    const value = entries[name]
    const kind = kinds[name]
    // An inherited member of `kinds`, such as `constructor`, never equals the name of a type.
    if (typeof value === kind) continue
    if (kind === undefined || !Object.hasOwn(kinds, name)) {
      throw new PortcullisError(
        'ERR_ARGUMENT',
        `Unknown member "${name}" of ${where}: expected one of ${Object.keys(kinds).join(', ')}.`,
      )
    }
    if (value !== undefined && value !== null) {
      throw new PortcullisError(
        'ERR_ARGUMENT',
        `${where}.${name} must be ${kind === 'object' ? 'an object' : `a ${kind}`}.`,
      )
    }
  }
}

function encodeText(value: string | null | undefined, maxCharacters = MAX_TEXT_CHARACTERS): string {
  if (value === undefined || value === null) return ''
  const short = value.length > maxCharacters ? value.slice(0, maxCharacters) : value
  return short.includes('\0') ? short.replaceAll('\0', ' ') : short
}

function encodeFlag(value: boolean | null | undefined): 0 | 1 | '' {
  return typeof value === 'boolean' ? (value ? 1 : 0) : ''
}

function encodeInteger(number: number | null | undefined): number | '' {
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < 2 ** 32
    ? number
    : ''
}

/** Encodes an angle in thousandths of a degree. The core uses half degrees. */
function encodeDegrees(value: number | null | undefined): number | '' {
  return typeof value === 'number' && Math.abs(value) <= 180 ? Math.round(value * 1000) : ''
}

const MAX_IPV4_CHARACTERS = 15

/**
 * Encodes an IPv4 address as it is, and an IPv6 address as a colon and four numbers of 32 bits.
 * Gives an empty text for what is no address.
 */
function encodeAddress(address: string | null | undefined): string {
  if (address === undefined || address === null) return ''
  if (!address.includes(':')) return address.length > MAX_IPV4_CHARACTERS ? '' : encodeText(address)
  const groups = parseAddress(address)
  if (groups === null) return ''
  const words = [0, 2, 4, 6].map((n) => numberAt(groups, n) * 65_536 + numberAt(groups, n + 1))
  return `:${words.join('.')}`
}

const KINDS: RiskAssessment['kind'][] = ['sign_in', 'refresh', 'session_check', 'step_up']
const ACTIONS: RiskAssessment['action'][] = ['allow', 'step_up', 'revoke']
const RESPONSES: RiskAssessment['response'][] = [
  'allow',
  'log',
  'shorten_token_ttl',
  'step_up',
  'revoke',
]
const REASONS: RiskReason[] = [
  'network_known',
  'network_new',
  'provider_new',
  'country_new',
  'travel_velocity',
  'hosting_network',
  'tor_exit',
  'browser_same',
  'browser_newer',
  'browser_older',
  'browser_changed',
  'browser_seen_in_session',
  'device_known',
  'device_new',
  'device_cookie_known',
  'device_cookie_missing',
  'tls_same',
  'tls_changed',
  'client_hints_mismatch',
  'language_changed',
  'time_of_day',
  'round_trip_time',
  'refresh_rate',
  'device_alternation',
  'token_reused_in_grace',
  'token_reused',
  'token_forked',
  'proof_valid',
  'proof_invalid',
]
const MISSING_SIGNALS: MissingSignal[] = [
  'ip',
  'asn',
  'country',
  'place',
  'network_kind',
  'user_agent',
  'client_hints',
  'tls_fingerprint',
  'language',
  'rtt',
  'device',
  'refreshes',
  'history',
]

/**
 * Decodes the assessment that the core encodes in src/decide/session_event.rs. tests/risk_words.rs
 * compares these tables with those of the core.
 */
export function decodeRisk(row: RiskRow): RiskAssessment
export function decodeRisk(row: RiskRow | null): RiskAssessment | null
export function decodeRisk(row: RiskRow | null): RiskAssessment | null {
  return row === null
    ? null
    : readAssessment(
      new Float64Array(row.buffer, row.byteOffset, row.length / 8),
      0,
      row.length / 8,
    )
}

/** Reads an assessment that is part of a longer row of numbers. */
function readAssessment(numbers: Float64Array, from: number, to: number): RiskAssessment {
  const reasonList: RiskAssessment['reasons'] = []
  for (let n = from + 6; n < to; n += 2) {
    reasonList.push([wordAt(REASONS, numbers, n), numberAt(numbers, n + 1)])
  }
  const bits = numberAt(numbers, from + 5)
  const missingSignals = MISSING_SIGNALS.filter((_, bit) => ((bits >> bit) & 1) === 1)
  return {
    kind: wordAt(KINDS, numbers, from),
    score: numberAt(numbers, from + 1),
    evidenceNats: numberAt(numbers, from + 2),
    action: wordAt(ACTIONS, numbers, from + 3),
    response: wordAt(RESPONSES, numbers, from + 4),
    reasons: reasonList,
    missingSignals,
  }
}

/** Reads an element that the core has written, and that is therefore never missing. */
function numberAt(numbers: ArrayLike<number>, n: number): number {
  return numbers[n] ?? 0
}

function wordAt<Word>(words: Word[], numbers: Float64Array, n: number): Word {
  const word = words[numberAt(numbers, n)]
  if (word === undefined) throw internalError()
  return word
}

const POLICY_OPTIONS: Record<keyof RiskPolicy, true> = {
  dryRun: true,
  deviceCookie: true,
  deviceBaseRate: true,
  stepUpScore: true,
  revokeScore: true,
  signIn: true,
  refresh: true,
  sessionCheck: true,
}
const RESPONSE_OPTIONS = { step_up: true, revoke: true }

/**
 * Rejects unknown options of the policy. The core checks their values.
 *
 * @throws PortcullisError `ERR_CONFIG` for an unknown option
 */
export function checkRiskPolicy(policy: RiskPolicy | undefined): void {
  if (policy === undefined) return
  rejectUnknownOptions(policy, POLICY_OPTIONS, 'policy.risk')
  rejectNullOptions(policy, 'policy.risk')
  for (const name of ['signIn', 'refresh', 'sessionCheck'] as const) {
    if (policy[name] !== undefined) {
      rejectUnknownOptions(policy[name], RESPONSE_OPTIONS, `policy.risk.${name}`)
    }
  }
}

const INPUT_OPTIONS: Record<keyof ScoreAnomalyInput, true> = {
  kind: true,
  profile: true,
  session: true,
  context: true,
  policy: true,
  nowMs: true,
  tokenStatus: true,
  deviceId: true,
  featureHashKey: true,
}

/**
 * Scores one event, for applications with sessions of their own. The function is pure: it uses no
 * store, clock or random source. Store `profile` with the user and `session` with the session, and
 * pass them to the next call. Unless the action is `allow` they are unchanged, and `afterStepUp`
 * has what they become after a step-up: see `mergeRiskProfiles`.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for an invalid kind, context, profile or session;
 * `ERR_CONFIG` for an invalid policy or an unknown option; `ERR_CLOCK` for an invalid `nowMs`;
 * `ERR_WEAK_SECRET` for an invalid `featureHashKey`
 */
export function scoreAnomaly(input: ScoreAnomalyInput): ScoreAnomalyResult {
  rejectUnknownOptions(input, INPUT_OPTIONS, 'scoreAnomaly')
  const { kind, policy, nowMs, tokenStatus, deviceId } = input
  if (!KINDS.includes(kind)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `kind must be ${KINDS.map((one) => `'${one}'`).join(' or ')}.`,
    )
  }
  if (tokenStatus !== undefined && !TOKEN_STATUSES.includes(tokenStatus)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `tokenStatus must be ${TOKEN_STATUSES.map((one) => `'${one}'`).join(' or ')}.`,
    )
  }
  if (policy !== undefined) checkRiskPolicy(policy)
  const featureHashKey = input.featureHashKey === undefined
    ? undefined
    : copySecret(input.featureHashKey, 'featureHashKey')
  const before = {
    profile: checkProfile(input.profile, 'profile'),
    session: checkProfile(input.session, 'session'),
  }
  const event = `${KINDS.indexOf(kind)}\0${
    1 + TOKEN_STATUSES.indexOf(tokenStatus as TokenStatus)
  }\0${
    encodeText(checkOptionalText(deviceId ?? undefined, 'deviceId'), MAX_LONG_TEXT_CHARACTERS)
  }\0${encodeContext(input.context ?? {})}`
  try {
    const count = callCore((core) =>
      core.scoreAnomaly(
        before.profile,
        before.session,
        writeText(event),
        policy,
        featureHashKey,
        nowMs,
      )
    )
    const { bytes, numbers } = view()
    // Rest and spread syntax would take longer than half of the scoring (measured: see
    // performance.md, Scoring).
    const { score, evidenceNats, reasons, action, missingSignals } = readAssessment(
      numbers,
      2,
      count,
    )
    const middle = count * 8 + numberAt(numbers, 0)
    const after = {
      profile: bytes.slice(count * 8, middle),
      session: bytes.slice(middle, middle + numberAt(numbers, 1)),
    }
    const stored = action === 'allow' ? after : before
    return {
      kind,
      score,
      evidenceNats,
      reasons,
      action,
      missingSignals,
      profile: stored.profile,
      session: stored.session,
      afterStepUp: action === 'allow' ? null : after,
    }
  } finally {
    if (featureHashKey !== undefined) wipe([featureHashKey])
  }
}

type TokenStatus = NonNullable<ScoreAnomalyInput['tokenStatus']>
const TOKEN_STATUSES: TokenStatus[] = [
  'reused_in_grace',
  'reused',
  'proof_valid',
  'proof_invalid',
  'forked',
]

/**
 * Merges the current profile with the pending one after a successful step-up, whatever happened
 * between them. The result does not depend on order or repetition, so that this also merges two
 * profiles of one user that have diverged. The new session profile is `afterStepUp.session`.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for bytes that `scoreAnomaly` did not give
 */
export function mergeRiskProfiles(
  profile: Uint8Array | null,
  afterStepUp: { profile: Uint8Array },
): Uint8Array {
  if (!(afterStepUp?.profile instanceof Uint8Array)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Invalid profile after a step-up: pass the afterStepUp of a scoreAnomaly result.',
    )
  }
  const [now, then] = [
    checkProfile(profile, 'profile'),
    checkProfile(afterStepUp.profile, 'afterStepUp.profile'),
  ]
  return callCore((core) => core.mergeRiskProfiles(now, then))
}

/** A longer profile is rejected without being copied into the core. */
const MAX_PROFILE_BYTES = 4096

function checkProfile(bytes: unknown, name: string): Uint8Array {
  if (bytes === undefined || bytes === null) return new Uint8Array()
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_PROFILE_BYTES) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `Invalid ${name}: pass the bytes that scoreAnomaly gave, or null.`,
    )
  }
  return bytes
}
