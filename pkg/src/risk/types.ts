/** The public types of scoring. */
import type { RequestContext } from '../context/types.js'
import type { SecretInput } from '../core/types.js'

/**
 * What is done about an action. Only `allow` stays silent; every other one also sends an `anomaly`
 * event.
 *
 * - `allow`: nothing, and no event
 * - `log`: the event alone
 * - `shorten`: the access token of this answer lives for 60 seconds at most, so that the next
 *   refresh is near. A check against the store issues none: there it is `log`
 * - `step_up`: refused with `ERR_RISK_STEP_UP` (403). Nothing is written, no cookie changes
 * - `revoke`: the session ends: `ERR_SESSION_RISK` (401), cookies cleared. Other sessions of the
 *   user go on
 */
export type RiskResponse = 'allow' | 'log' | 'shorten' | 'step_up' | 'revoke'

/**
 * What is done about a score. Everything has a default; a value out of its range, and a name that
 * there is not, is `ERR_CONFIG`. It has no effect on requests without a `context`.
 */
export interface RiskPolicy {
  /**
   * Scores and events only: nobody is refused, and no token shortened. To see what would happen
   * before it does. What is strange stays so meanwhile, since only a step-up would make it
   * familiar: count users, not events. Default false.
   */
  dryRun?: boolean
  /**
   * Whether a sign-in sets a cookie that names the browser at random for 400 days
   * (`__Host-portcullis-device`, `HttpOnly`), and misses it at the sign-ins of a user who had one.
   * Stays at a sign-out. Not in bearer transport. Default false.
   */
  deviceCookie?: boolean
  /**
   * How often a thief's browser, system and class of device are the user's by chance: the share
   * that a usual combination has of your traffic. The higher, the less a known device says at a
   * sign-in. Default 0.05, range 0 to 1.
   */
  popularity?: number
  /**
   * The score from which on the action is `step_up`. The lower, the more thieves are asked, and the
   * more users. Over 85 nobody is asked below their fifth event. Default 60 (3 nats), range 31 to
   * 100.
   */
  stepUpScore?: number
  /**
   * The score from which on the action is `revoke`, where the network *and* the browser speak
   * against the request as well. At 85 or less sessions of new users may end too. Never at a
   * sign-in. Default 97 (7 nats), range 60 to 100.
   */
  revokeScore?: number
  /**
   * What the actions do at a sign-in. Default `{ step_up: 'step_up', revoke: 'step_up' }`; there is
   * no session to end.
   */
  signIn?: { step_up?: Exclude<RiskResponse, 'revoke'>; revoke?: Exclude<RiskResponse, 'revoke'> }
  /**
   * What the actions do at a refresh. Default `{ step_up: 'step_up', revoke: 'revoke' }`. A step-up
   * itself is never refused: only whether it sends an event depends on this.
   */
  refresh?: { step_up?: RiskResponse; revoke?: RiskResponse }
  /**
   * What the actions do where a request is checked against the store (`fresh: true`). Default `{
   * step_up: 'step_up', revoke: 'revoke' }`.
   */
  request?: { step_up?: RiskResponse; revoke?: RiskResponse }
}

/**
 * What contributed to a score. docs/anomaly-scoring.md says when, and how many nats. Later versions
 * may add some. `token_reused`, `token_forked`, `proof_ok` and `proof_failed` come from the
 * `tokenFact` of `scoreAnomaly` alone.
 */
export type RiskReason =
  | 'network_known'
  | 'network_new'
  | 'provider_new'
  | 'country_new'
  | 'velocity'
  | 'hosting'
  | 'tor'
  | 'browser_same'
  | 'browser_newer'
  | 'browser_older'
  | 'browser_changed'
  | 'browser_accepted'
  | 'device_known'
  | 'device_new'
  | 'device_tag_known'
  | 'device_tag_missing'
  | 'tls_same'
  | 'tls_changed'
  | 'hints_contradict'
  | 'language_changed'
  | 'hour'
  | 'round_trip'
  | 'hurried'
  | 'alternating'
  | 'token_retried'
  | 'token_reused'
  | 'token_forked'
  | 'proof_ok'
  | 'proof_failed'

/**
 * What was not known, and so counted nothing: signals that were not given or made no sense;
 * `device` also where `policy.risk.deviceCookie` is off; `history` for a user of whom nothing is
 * remembered.
 */
export type RiskBlind =
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
 * How strange an event is for its user, why, and what came of it. Holds no address, no place and no
 * name.
 */
export interface Risk {
  /** What was scored. `request` is a check against the store (`fresh: true`). */
  kind: 'sign_in' | 'refresh' | 'request' | 'step_up'
  /**
   * 0 to 100, not rounded. 30 where nothing is known; at most 85 below the user's fifth event and
   * after 90 days without one.
   */
  score: number
  /**
   * The natural logarithm (nats) of how much likelier this is of a thief than of the user: 0 for
   * alike, below it for the user.
   */
  evidence: number
  /** What the score calls for. */
  action: 'allow' | 'step_up' | 'revoke'
  /** What the policy made of the action. */
  response: RiskResponse
  /** What contributed, and how many nats. They add up to the evidence. */
  reasons: [reason: RiskReason, nats: number][]
  /** What was not known. */
  blind: RiskBlind[]
}

/** What `scoreAnomaly` takes. */
export interface AnomalyInput {
  /** What the user does. At a `sign_in` no session is compared, and nothing is ever `revoke`. */
  kind: Risk['kind']
  /**
   * What is remembered of the user: the bytes of an earlier answer, at most 1 KiB; `null` for
   * somebody new.
   */
  profile: Uint8Array | null
  /**
   * What is remembered of the session: the bytes of an earlier answer. Default `null`: a new one.
   */
  session?: Uint8Array | null
  /** Where the request comes from. Default: nothing is known. */
  context?: RequestContext
  /**
   * `stepUpScore`, `revokeScore`, `popularity` and `deviceCookie` count; what is done about the
   * action is up to you.
   */
  policy?: RiskPolicy
  /** Milliseconds since 1970. */
  nowMs: number
  /**
   * What you know of the token that was presented. `reuse` and `proof_fail` are hard facts: the
   * action is `revoke`, at a sign-in `step_up`, whatever else is known. Default: nothing special.
   */
  tokenFact?: 'reuse_in_grace' | 'reuse' | 'proof_ok' | 'proof_fail' | 'fork'
  /**
   * Where `policy.deviceCookie` is true because you issue one: the name in the browser's device
   * cookie, which you verified. Default `null`: it has none.
   */
  deviceTag?: string | null
  /**
   * Keys the tags in profiles: at least 32 bytes, always the same for a user. One for every user
   * (`deriveSubkey`), since with one for all whoever reads profiles sees who shares a network.
   * Default: none, and whoever reads a profile can try out what is in it.
   */
  tagKey?: SecretInput
}

/** What `scoreAnomaly` gives. */
export interface AnomalyScore extends Omit<Risk, 'response'> {
  /** To keep with the user. Where the action is not `allow`, what it was. */
  profile: Uint8Array
  /** To keep with the session. Where the action is not `allow`, what it was. */
  session: Uint8Array
  /**
   * Where the action is not `allow`: both as they are once the user has proved more
   * (`confirmAnomaly`). Otherwise `null`.
   */
  pending: { profile: Uint8Array; session: Uint8Array } | null
}
