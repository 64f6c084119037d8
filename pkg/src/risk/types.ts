/** The public types of risk assessment: docs/anomaly-scoring.md explains the model. */
import type { RequestContext } from '../context/types.js'
import type { SecretInput } from '../core/types.js'

/**
 * The response of the policy to an action. Every response but `allow` also sends an
 * `anomaly_detected` event.
 *
 * - `allow`: nothing is done, and no event is sent
 * - `log`: only the event is sent
 * - `shorten_token_ttl`: the access token of this refresh or sign-in lives for at most 60 seconds,
 *   so that the next refresh is near. A check against the store issues no token: there it is `log`
 * - `step_up`: the request is rejected with `ERR_RISK_STEP_UP_REQUIRED` (403). Nothing is written,
 *   and no cookie changes
 * - `revoke`: the session is revoked and its cookies are cleared: `ERR_SESSION_RISK_REVOKED` (401).
 *   Other sessions of the user continue
 */
export type RiskResponse = 'allow' | 'log' | 'shorten_token_ttl' | 'step_up' | 'revoke'

/**
 * The policy that turns scores into responses. It has no effect on a request without a `context`.
 *
 * @throws PortcullisError `ERR_CONFIG` for a value out of its range, and for an unknown option
 */
export interface RiskPolicy {
  /**
   * Whether to score and to send events without rejecting a request or shortening a token, to see
   * what a policy would do. Anomalies then repeat, because only a step-up makes them familiar:
   * count users, not events. Default false.
   */
  dryRun?: boolean
  /**
   * Whether a sign-in sets a cookie with a random device ID for 400 days
   * (`__Host-portcullis-device`, `HttpOnly`). A later sign-in without it then counts as evidence. A
   * sign-out keeps it. Not in bearer transport. Default false.
   */
  deviceCookie?: boolean
  /**
   * The probability that the browser, system and device class of an attacker equal those of the
   * user by chance: the share of your traffic that a common combination has. The higher it is, the
   * less a known device counts at a sign-in. Default 0.05, range 0 to 1.
   */
  deviceBaseRate?: number
  /**
   * The score from which the action is `step_up`. A lower one asks more attackers and more users.
   * Above 85, no user with fewer than five events is asked. Default 60 (3 nats), range 31 to 100.
   */
  stepUpScore?: number
  /**
   * The score from which the action is `revoke`, if both the network and the browser are evidence
   * of an attacker. At 85 or less, sessions of new users may be revoked too. Never at a sign-in.
   * Default 97 (7 nats), range 60 to 100.
   */
  revokeScore?: number
  /**
   * The responses at a sign-in, where there is no session to revoke. Default `{ step_up: 'step_up',
   * revoke: 'step_up' }`.
   */
  signIn?: { step_up?: Exclude<RiskResponse, 'revoke'>; revoke?: Exclude<RiskResponse, 'revoke'> }
  /**
   * The responses at a refresh. Default `{ step_up: 'step_up', revoke: 'revoke' }`. A step-up is
   * never rejected for its score; these responses only decide whether it sends an event.
   */
  refresh?: { step_up?: RiskResponse; revoke?: RiskResponse }
  /**
   * The responses at a check against the store (`checkStore: true`). Default `{ step_up: 'step_up',
   * revoke: 'revoke' }`.
   */
  sessionCheck?: { step_up?: RiskResponse; revoke?: RiskResponse }
}

/**
 * The reasons that can contribute to a score; docs/anomaly-scoring.md explains each. Later versions
 * may add some. `token_reused`, `token_forked`, `proof_valid` and `proof_invalid` come only from
 * the `tokenStatus` of `scoreAnomaly`.
 */
export type RiskReason =
  | 'network_known'
  | 'network_new'
  | 'provider_new'
  | 'country_new'
  | 'travel_velocity'
  | 'hosting_network'
  | 'tor_exit'
  | 'browser_same'
  | 'browser_newer'
  | 'browser_older'
  | 'browser_changed'
  | 'browser_seen_in_session'
  | 'device_known'
  | 'device_new'
  | 'device_cookie_known'
  | 'device_cookie_missing'
  | 'tls_same'
  | 'tls_changed'
  | 'client_hints_mismatch'
  | 'language_changed'
  | 'time_of_day'
  | 'round_trip_time'
  | 'refresh_rate'
  | 'device_alternation'
  | 'token_reused_in_grace'
  | 'token_reused'
  | 'token_forked'
  | 'proof_valid'
  | 'proof_invalid'

/**
 * The signals that can be missing and then contribute nothing: they were not passed, or were not
 * valid. `device` is missing where `policy.risk.deviceCookie` is off, `history` where nothing is
 * stored of the user.
 */
export type MissingSignal =
  | 'ip'
  | 'asn'
  | 'country'
  | 'place'
  | 'network_kind'
  | 'user_agent'
  | 'client_hints'
  | 'tls_fingerprint'
  | 'language'
  | 'rtt'
  | 'device'
  | 'refreshes'
  | 'history'

/**
 * The assessment of one event: how unusual it is for its user, why, and the consequence. It
 * contains no address, location or name.
 */
export interface RiskAssessment {
  /** The assessed event. `session_check` is a check against the store (`checkStore: true`). */
  kind: 'sign_in' | 'refresh' | 'session_check' | 'step_up'
  /**
   * The score from 0 to 100, not rounded. It is 30 where nothing is known, and at most 85 before
   * the user's fifth event and after 90 days without one.
   */
  score: number
  /**
   * The sum of the evidence: the natural logarithm (nats) of how much more likely the event is for
   * an attacker than for the user. Below 0, the user is more likely.
   */
  evidenceNats: number
  /** The action that the score calls for. */
  action: 'allow' | 'step_up' | 'revoke'
  /** The response of the policy to this action. */
  response: RiskResponse
  /** The reasons, each with its evidence in nats. Their sum is `evidenceNats`. */
  reasons: [reason: RiskReason, nats: number][]
  /** The signals that were missing. */
  missingSignals: MissingSignal[]
}

/** The input of `scoreAnomaly`. */
export interface ScoreAnomalyInput {
  /** The event. At a `sign_in` no session is compared, and the action is never `revoke`. */
  kind: RiskAssessment['kind']
  /** The user's risk profile of an earlier result, at most 1 KiB; `null` for a new user. */
  profile: Uint8Array | null
  /** The session profile of an earlier result. Default `null`: a new session. */
  session?: Uint8Array | null
  /** The origin of the request: its network, browser and location. Default: nothing is known. */
  context?: RequestContext
  /**
   * The policy, of which `stepUpScore`, `revokeScore`, `deviceBaseRate` and `deviceCookie` are
   * used. The response to the action is up to the caller. Default `{}`.
   */
  policy?: RiskPolicy
  /** The current time in milliseconds since 1970. */
  nowMs: number
  /**
   * The status of the presented token, where the caller knows it. With `reused` and `proof_invalid`
   * the action is `revoke` (at a sign-in `step_up`) whatever the score is. Default: nothing
   * unusual.
   */
  tokenStatus?: 'reused_in_grace' | 'reused' | 'proof_valid' | 'proof_invalid' | 'forked'
  /**
   * The verified ID of the browser's device cookie, for callers that issue one and set
   * `policy.deviceCookie`. Default `null`: the browser has none.
   */
  deviceId?: string | null
  /**
   * The key of the feature hashes in profiles, at least 32 bytes, always the same for one user.
   * Derive one for each user (`deriveSubkey`): with a common key, whoever reads profiles sees which
   * users share a network. Default: no key, so that whoever reads a profile can guess its contents.
   */
  featureHashKey?: SecretInput
}

/** The result of `scoreAnomaly`. */
export interface ScoreAnomalyResult extends Omit<RiskAssessment, 'response'> {
  /** The user's risk profile, to be stored. It is unchanged unless the action is `allow`. */
  profile: Uint8Array
  /** The session profile, to be stored. It is unchanged unless the action is `allow`. */
  session: Uint8Array
  /**
   * Both profiles as they become after a successful step-up (`mergeRiskProfiles`), or `null` where
   * the action is `allow`.
   */
  afterStepUp: { profile: Uint8Array; session: Uint8Array } | null
}
