/** The public types of scoring. */
import type { RequestContext } from './context/types.js'
import type { SecretInput } from './types.js'

/** What an action does: nothing; an event; an event and an access token that ends within a minute; a refusal until the user proves more; the end of the session. */
export type RiskResponse = 'allow' | 'log' | 'shorten' | 'step_up' | 'revoke'

/** What is done about a score. Everything has a default; a value out of its range is `ERR_CONFIG`. */
export interface RiskPolicy {
  /** Events and scores only: nobody is refused. To see what would happen before it does. Default false. */
  dryRun?: boolean
  /** Whether a sign-in sets a cookie that names the browser for 400 days, and misses it where the user had one. Not in bearer transport. Default false. */
  deviceCookie?: boolean
  /** The share of your traffic that the users' browser family has: how often a thief has the same one by chance. Default 0.05, range 0 to 1. */
  popularity?: number
  /** The score from which on the action is `step_up`. Lower: more thieves, and more users, are asked. Default 60, range 31 to 100. */
  stepUpScore?: number
  /** The score from which on the action is `revoke`, where the network *and* the browser speak against it. Default 97, range 60 to 100. */
  revokeScore?: number
  /** What the actions do at a sign-in. Default `{ step_up: 'step_up', revoke: 'step_up' }`; there is nothing to revoke. */
  signIn?: { step_up?: Exclude<RiskResponse, 'revoke'>; revoke?: Exclude<RiskResponse, 'revoke'> }
  /** What the actions do at a refresh. Default `{ step_up: 'step_up', revoke: 'revoke' }`. */
  refresh?: { step_up?: RiskResponse; revoke?: RiskResponse }
  /** What the actions do where a request is checked against the store. Default `{ step_up: 'step_up', revoke: 'revoke' }`. */
  request?: { step_up?: RiskResponse; revoke?: RiskResponse }
}

/** What contributed to a score. docs/anomaly-scoring.md explains each. */
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

/** What was not known: the signals that a platform does not give, and `history` for a user of whom nothing is remembered. */
export type RiskBlind = 'ip' | 'asn' | 'country' | 'place' | 'network_kind' | 'user_agent' | 'client_hints' | 'tls_fingerprint' | 'language' | 'rtt' | 'device' | 'refreshes' | 'history'

/** How strange an event is for its user, why, and what came of it. */
export interface Risk {
  kind: 'sign_in' | 'refresh' | 'request' | 'step_up'
  /** 0 to 100. 30 where nothing is known. */
  score: number
  /** The logarithm (nats) of how much likelier this is of a thief than of the user. */
  evidence: number
  action: 'allow' | 'step_up' | 'revoke'
  /** What the policy made of the action. */
  response: RiskResponse
  /** What contributed, and how many nats. They add up to the evidence. */
  reasons: [reason: RiskReason, nats: number][]
  blind: RiskBlind[]
}

/** What `scoreAnomaly` takes. */
export interface AnomalyInput {
  kind: Risk['kind']
  /** What is remembered of the user: the bytes of an earlier answer; `null` for somebody new. At most 1 KiB. */
  profile: Uint8Array | null
  /** What is remembered of the session; `null` for a new one. */
  session?: Uint8Array | null
  context?: RequestContext
  policy?: RiskPolicy
  /** Milliseconds since 1970. */
  nowMs: number
  /** What is known of the token that was presented. `reuse` and `proof_fail` are hard facts. Default: nothing special. */
  tokenFact?: 'reuse_in_grace' | 'reuse' | 'proof_ok' | 'proof_fail' | 'fork'
  /** Where `policy.deviceCookie` says that you issue one: the name in the browser's device cookie, which you verified; absent for none. */
  deviceTag?: string | null
  /** Keys the names in profiles: at least 32 bytes, another for every user, or one for all. Without it whoever reads a profile can guess what is in it. */
  tagKey?: SecretInput
}

/** What `scoreAnomaly` gives. */
export interface AnomalyScore extends Omit<Risk, 'response'> {
  /** To keep. */
  profile: Uint8Array
  /** To keep. */
  session: Uint8Array
  /** Where the action is not `allow`: both as they will be once the user proved more. */
  pending: { profile: Uint8Array; session: Uint8Array } | null
}
