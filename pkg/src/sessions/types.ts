/**
 * The public types of sessions.
 *
 * Members that end in `AtMs` or `Ms` are milliseconds; points in time count from 1970, as
 * `Date.now()` does. Members that end in `Seconds` are lengths of time in whole seconds.
 */
import type { RequestContext } from '../context/types.js'
import type {
  AuthenticatedSession,
  Entropy,
  JsonValue,
  RequestHead,
  RotationDetails,
  Session,
  SessionEventType,
  SessionKeys,
} from '../core/types.js'
import type { RiskAssessment, RiskPolicy } from '../risk/types.js'
import type { Store } from '../stores/types.js'
import type { JwksResponse } from '../tokens/types.js'
import type {
  AuthenticateSuccess,
  ContextReader,
  HandleOptions,
  ProtectOptions,
  ProtectRejection,
  ProtectSuccess,
  RefreshSuccess,
  Rejection,
  SessionCheckSuccess,
  SignOutSuccess,
} from '../web/types.js'

/**
 * The policy of a site. Every option has a default.
 *
 * @throws PortcullisError `ERR_CONFIG` for a value out of its range, and for an unknown option
 */
export interface SessionPolicy {
  /**
   * The lifetime of an access token in seconds. A revoked session is accepted for at most this long
   * (and the leeway) without a check against the store. Default 300, range 60 to 3600.
   */
  accessTtlSeconds?: number
  /**
   * The idle timeout: a session that is not refreshed for this many seconds ends (NIST SP 800-63B-4
   * section 5.2). Default 604800 (7 days), range 60 to 31536000, and at least one and a half times
   * the sum of `accessTtlSeconds` and `leewaySeconds`: otherwise active users would be signed out.
   */
  idleTimeoutSeconds?: number
  /**
   * The absolute timeout: a session ends this many seconds after its sign-in (NIST SP 800-63B-4
   * section 5.2). Default 2592000 (30 days), range 60 to 34560000 (400 days).
   */
  absoluteTimeoutSeconds?: number
  /**
   * The minimum rotation interval: a refresh within this many seconds of the last rotation issues a
   * new access token without rotating. Default 30, range 0 to 300.
   */
  minRotationIntervalSeconds?: number
  /**
   * The concurrent-refresh window: for this many seconds after the first use of a new refresh token
   * (or of its access token), the previous token still yields the same successor, for two tabs that
   * have refreshed at once. Default 10, range 0 to 60.
   */
  concurrentRefreshSeconds?: number
  /**
   * The in-flight window: a token that was superseded within this many seconds, and twice
   * `leewaySeconds`, may belong to a request that is still under way. It is rejected with 409, and
   * is not reuse. Default 60, range 10 to 600.
   */
  inFlightSeconds?: number
  /**
   * The lost-response window, where first uses are not recorded (see `waitUntil`): for this many
   * seconds after a rotation, a client that has lost the response gets the same successor again.
   * Default 120, range 10 to 3600.
   */
  lostResponseSeconds?: number
  /**
   * The timeouts of NIST SP 800-63B-4: `'nist-aal1'` sets the absolute timeout to 30 days;
   * `'nist-aal2'` idle to 1 hour and absolute to 24 hours; `'nist-aal3'` idle to 15 minutes and
   * absolute to 12 hours. An explicit timeout takes precedence. Default: none.
   */
  preset?: 'nist-aal1' | 'nist-aal2' | 'nist-aal3'
  /**
   * The leeway: the tolerated clock difference in seconds when `exp` and `iat` are checked (RFC
   * 7519 section 4.1.4). Default 30, range 0 to 120.
   */
  leewaySeconds?: number
  /**
   * The session limit: how many sessions a subject may have at once. One more evicts the one that
   * has been idle for the longest time. Default 32, range 1 to 256.
   */
  maxSessionsPerSubject?: number
  /**
   * The SameSite attribute of the cookies (RFC 6265bis). With `'strict'`, a request that follows a
   * link from another site has no cookies. Default `'lax'`.
   */
  sameSite?: 'lax' | 'strict'
  /**
   * The name of the cookies after their prefix: 1 to 32 letters, digits, `-` and `_`. A change
   * signs all users out. Default `'portcullis'`.
   */
  cookieName?: string
  /**
   * Whether the cookies are persistent: `'persistent'` keeps them until their contents expire,
   * `'browser-session'` until the browser is closed. (A browser that restores its windows restores
   * these cookies too.) Default `'persistent'`.
   */
  cookiePersistence?: 'persistent' | 'browser-session'
  /**
   * The path of the refresh cookie, for example `'/session'`. Its prefix is then `__Secure-`
   * instead of `__Host-`, so that a subdomain could set one. Refresh, sign-in, step-up and sign-out
   * must happen below this path, and `protect` cannot refresh elsewhere. Default: every path.
   */
  refreshPath?: string
  /**
   * The transport of tokens. `'cookie'`: in cookies that scripts cannot read. `'bearer'`, for
   * native apps: the access token is sent in `Authorization: Bearer` (RFC 6750); results have the
   * refresh token, which `refresh`, `signOut` and `stepUp` take as `refreshToken`. No cookie is
   * then set, and a request with both is rejected with `ERR_CREDENTIALS_CONFLICT`. A site with both
   * kinds of clients calls `createSessions` twice, with the same keys and store. Default
   * `'cookie'`.
   */
  transport?: 'cookie' | 'bearer'
  /**
   * What an unsafe request must have. `'origin'`: a same-origin `Sec-Fetch-Site` or `Origin`
   * header, or, if it has neither, a CSRF token. `'origin-and-token'`: both, wherever the request
   * is authenticated. The CSRF token is sent as `x-csrf-token`, or in a form field that the
   * application passes as `csrfToken`. Default `'origin'`.
   */
  csrf?: 'origin' | 'origin-and-token'
  /**
   * Whether sign-in and step-up set a cookie with a CSRF token that scripts can read,
   * `__Host-portcullis-csrf`. Default false.
   */
  csrfCookie?: boolean
  /**
   * Other origins whose pages may send unsafe requests, such as `'https://admin.example'`: at most
   * 64. They must be same-site, since cookies are not sent otherwise. Default: none.
   */
  trustedOrigins?: string[]
  /**
   * The paths that accept an unsafe request from any origin. **Whoever can make a user's browser
   * send such a request acts as that user.** They are meant for callbacks of identity providers and
   * for signed webhooks: `'/hooks/stripe'`, `'/hooks/'` (with all below), `'/hooks/{name}'`, `'POST
   * /hooks/stripe'`; at most 64. Default: none.
   */
  dangerousCsrfExemptPaths?: string[]
  /**
   * The values of the header `Clear-Site-Data` at a sign-out. `'cookies'` clears those of the whole
   * registrable domain. Default: none.
   */
  clearSiteData?: ('cache' | 'cookies' | 'storage' | 'executionContexts')[]
  /**
   * The responses to unusual requests, where a `context` is passed: see docs/anomaly-scoring.md.
   * Default `{}`.
   */
  risk?: RiskPolicy
  /**
   * Whether this is development on http://localhost, 127.0.0.1 or [::1]: cookies then have neither
   * `Secure` nor the `__Host-` prefix. A request to any other host throws `ERR_DEVELOPMENT_MODE`. A
   * warning on the console says so once. Default false.
   */
  development?: boolean
}

/** The options of `createSessions`. */
export interface SessionsOptions {
  /**
   * The claim `iss` of access tokens, compared exactly: 1 to 256 bytes, usually the origin of the
   * site.
   */
  issuer: string
  /** The claim `aud` of access tokens. Default: the issuer. */
  audience?: string
  /** The key ring and the store key secret. */
  keys: SessionKeys
  /** The store of the subject records. Its `swap` must be atomic. */
  store: Store
  /** The policy of the site. Default `{}`. */
  policy?: SessionPolicy
  /** The clock: gives milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /** The random source. Default: `crypto.getRandomValues` of the runtime. */
  entropy?: Entropy
  /**
   * Continues a promise after the response, to record the first use of each new refresh token.
   * Node.js, Deno, Bun and browsers need none, and Cloudflare Workers have their own. Without it, a
   * client that has lost a response and returns after `lostResponseSeconds` is signed out; a
   * warning on the console says so once. Where it throws, the request is answered all the same, and
   * a warning names the error.
   */
  waitUntil?: (promise: Promise<unknown>) => void
  /**
   * How many sessions this instance remembers as recorded by `waitUntil`. An instance that serves
   * more sessions at once records some first uses again, which costs one read of the store each.
   * Default 65536, range 1024 to 4194304, rounded up to a power of two. Each takes 12 bytes.
   */
  firstUseCacheSize?: number
  /**
   * Receives each event after its write has succeeded, for logs and alerts. An error that it
   * throws, or rejects with, is ignored. Default: none.
   */
  onEvent?: (event: SessionEvent) => unknown
  /**
   * How many access cookies to cache, so that `authenticate` answers the next GET or HEAD with the
   * same one without the core; `false` for none. Default 1000, range 0 to 100000. A cached result
   * is given only while the core would give it: not after its token has expired or its key has
   * retired. Results are then deep-frozen, because they are shared. An entry takes up to 3 KB.
   */
  tokenCacheSize?: number | false
  /**
   * Reads the context of a request for scoring, for example `(request) => readContext(request, {
   * platform: 'cloudflare' })`. Called at sign-in, refresh, step-up and checks against the store,
   * unless the call itself passes a `context`. A request for which it gives `null` or `undefined`
   * is not scored; an error that it throws is thrown on. Default: nothing is scored.
   */
  contextReader?: ContextReader
}

/**
 * An event of a session, for logs and alerts. It contains no secret, name or address; its IDs are
 * hashes, which are always the same. An `anomaly` is sent in addition to the event of the
 * operation.
 */
export interface SessionEvent {
  /** The type of the event. */
  type: SessionEventType
  /** The time of the event in milliseconds since 1970. */
  atMs: number
  /** A keyed hash of the subject. */
  subjectKey: string
  /** A hash of the session ID, or `null` where the event may concern several sessions. */
  sessionKey: string | null
  /** The number of sessions that `revoke` or `revokeAll` has ended; otherwise `null`. */
  count: number | null
  /** The decision on the refresh token, where one was presented; otherwise `null`. */
  rotation: RotationDetails | null
  /** The risk assessment of an `anomaly_detected` event; otherwise `null`. */
  risk: RiskAssessment | null
}

/** The options of `signIn`. Either `subject` or `anonymous` is required. */
export interface SignInOptions<Data extends JsonValue = JsonValue> {
  /**
   * The user's stable ID in the application: 1 to 256 bytes of UTF-8, not beginning with
   * `anonymous:`.
   */
  subject?: string
  /**
   * Whether the session is for a visitor who has not signed in. A later `signIn` with a subject
   * ends it, and starts a session with a new ID and new secrets. Default false.
   */
  anonymous?: boolean
  /** The application's data of the session: JSON, at most 1 KiB. Default: none. */
  data?: Data
  /**
   * Whether to keep the data of the anonymous session that this sign-in ends, unless `data` is
   * passed. Default false.
   */
  keepData?: boolean
  /**
   * The application's claims in each access token of this session: a plain object, at most 1 KiB as
   * JSON. A registered claim (iss, aud, sub, sid, gen, jti, iat, exp, nbf, auth_time, acr, amr, cnf
   * and some more) is `ERR_ARGUMENT`. Default: none.
   */
  claims?: { [name: string]: JsonValue }
  /**
   * Binds the session to a key of the client (RFC 9449): the SHA-256 thumbprint of the key becomes
   * the `jkt` of the claim `cnf`. The application must check the proof of possession itself.
   * Default: none.
   */
  cnf?: { jkt: string }
  /**
   * The authentication context class (RFC 9068 section 2.2.1): at most 64 bytes, for example
   * `'aal1'`. Default: none.
   */
  acr?: string
  /**
   * The authentication methods (RFC 8176): at most 8, of at most 32 bytes each, for example
   * `['pwd', 'otp']`. Default: none.
   */
  amr?: string[]
  /**
   * The name of this session in a list, for example `'Firefox on Linux'`: at most 64 bytes.
   * Default: none.
   */
  label?: string
  /**
   * In bearer transport, the refresh token of the session that this sign-in ends. Default: none.
   */
  refreshToken?: string
  /** The context of the request for scoring. Default: that of the site's `contextReader`. */
  context?: RequestContext
  /**
   * Whether the user has passed a stronger authentication, such as a second factor, perhaps after
   * `ERR_RISK_STEP_UP_REQUIRED`. Scoring then rejects nothing, and the features of this request
   * become familiar. Decide this by a check of your own, never by a value from the request: an
   * attacker who could set it would be accepted now and be familiar later. Default false.
   */
  stepUpVerified?: boolean
}

/** The result of a successful sign-in. */
export interface SignInSuccess<Data extends JsonValue = JsonValue> {
  ok: true
  /** The session that the sign-in created. */
  session: Session<Data>
  /** The access token of the new session, as in its cookie. */
  accessToken: string
  /** The refresh token in bearer transport; otherwise `null`, because its cookie has it. */
  refreshToken: string | null
  /** The headers to merge into the response: they set both cookies. */
  headers: Headers
  /** The risk assessment of the request, or `null` where no `context` was given. */
  risk: RiskAssessment | null
}

/** The result of `requireRecentAuth`: the authentication suffices, or a step-up is required. */
export type RecentAuthResult = { ok: true } | {
  ok: false
  code: 'ERR_STEP_UP_REQUIRED'
  status: 401
  message: string
}

/** The sessions of a site, as `createSessions` gives them. */
export interface Sessions<Data extends JsonValue = JsonValue> {
  /**
   * Starts a session with a new ID, and ends the session that the request has. One `get` and one
   * `swap`; the same once more if that session belongs to another subject.
   *
   * Rejected with `ERR_CROSS_ORIGIN` and `ERR_PREFETCH`; with `ERR_RISK_STEP_UP_REQUIRED` (403) if
   * the `context` is unusual: verify a second factor, then call this again with `stepUpVerified:
   * true`.
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_RECORD_TOO_LARGE`, `ERR_ENTROPY`, and what every
   * operation may throw: `ERR_STORE_UNAVAILABLE`, `ERR_STORE_CONTRACT`, `ERR_CONFLICT`,
   * `ERR_RECORD_CORRUPT`, `ERR_RECORD_VERSION`, `ERR_RECORD_UNKNOWN_KEY`, `ERR_CLOCK`,
   * `ERR_DEVELOPMENT_MODE`, `ERR_DISPOSED`, `ERR_TRAP`
   */
  signIn(
    request: RequestHead,
    options: SignInOptions<Data>,
  ): Promise<SignInSuccess<Data> | Rejection>
  /**
   * Verifies the access token of a request (RFC 9068), synchronously and without the store. A
   * revocation takes effect within `accessTtlSeconds` (and the leeway).
   *
   * Rejected with `ERR_TOKEN_*`, `ERR_COOKIE_HEADER`, `ERR_CROSS_ORIGIN`, `ERR_CSRF_TOKEN` and
   * `ERR_CREDENTIALS_CONFLICT`; on 401, refresh and try again.
   * @param options `csrfToken`: the CSRF token of a form field, where there is no `x-csrf-token`
   * header
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`, `ERR_DEVELOPMENT_MODE`, `ERR_DISPOSED`,
   * `ERR_TRAP`
   */
  authenticate(
    request: RequestHead,
    options?: { checkStore?: false; csrfToken?: string },
  ): AuthenticateSuccess | Rejection
  /**
   * Verifies the access token and checks its session against the store: a revocation takes effect
   * at once, and the session has its data. One `get`, at most one `swap`.
   *
   * Rejected also with `ERR_SESSION_*`; with `ERR_STEP_UP_UNFINISHED` (409) for a token from before
   * a step-up; with `ERR_RISK_STEP_UP_REQUIRED` (403) and `ERR_SESSION_RISK_REVOKED` (401) if the
   * `context` is unusual.
   * @throws PortcullisError `ERR_ARGUMENT` for an invalid `context`, and what every operation may
   * throw (see `signIn`)
   */
  authenticate(
    request: RequestHead,
    options: { checkStore: true; csrfToken?: string; context?: RequestContext },
  ): Promise<SessionCheckSuccess<Data> | Rejection>
  /**
   * Records a stronger authentication in a session: a second factor, or the password again. The
   * session continues with new secrets, and no earlier token has the new assurance. One `get`, at
   * most one `swap`. Call it again if its response was lost. A `context` is scored but never
   * rejected, and its features become familiar.
   *
   * Rejected as `refresh` is, but never for a score; with `ERR_SESSION_UNKNOWN` if the session does
   * not belong to `subject`.
   * @param options `subject`: the user who has authenticated. Pass it wherever you know it, so that
   * the authentication of another user cannot count for this session
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_ENTROPY`, and what every operation may throw (see
   * `signIn`)
   */
  stepUp(
    request: RequestHead,
    options?: {
      subject?: string
      acr?: string
      amr?: string[]
      refreshToken?: string
      context?: RequestContext
    },
  ): Promise<RefreshSuccess<Data> | Rejection>
  /**
   * Checks whether the last authentication of a session is recent enough, and strong enough, for an
   * action such as a payment or a change of password. Reads a result of `authenticate`, and neither
   * the request nor the store.
   *
   * @param options `maxAgeSeconds`: the largest age of the authentication, 0 or more; `acr`: the
   * required class, compared exactly
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`
   */
  requireRecentAuth(
    answer: { session: { authenticatedAtMs: number; acr: string | null } },
    options: { maxAgeSeconds: number; acr?: string },
  ): RecentAuthResult
  /**
   * Changes the application's data of a session. `change` gets the current data and gives the new
   * data; it is called again after a write conflict, and should therefore do nothing else. Gives
   * `null` if the session has ended.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_RECORD_TOO_LARGE`, and what every operation may
   * throw (see `signIn`)
   */
  update(
    sessionId: string,
    change: (data: Data) => Data | Promise<Data>,
  ): Promise<Session<Data> | null>
  /**
   * Issues a new access token, and rotates the refresh token (RFC 9700 section 4.14.2). One `get`,
   * at most one `swap`.
   *
   * Rejected with `ERR_SUPERSEDED` (409) if another request of this browser was first: try again
   * with the current cookies. With `ERR_REFRESH_*`, `ERR_SESSION_*`, `ERR_COOKIE_HEADER` and
   * `ERR_CROSS_ORIGIN`: sign in. With `ERR_PREFETCH` (409) for a prefetch. With
   * `ERR_RISK_STEP_UP_REQUIRED` (403) and `ERR_SESSION_RISK_REVOKED` (401) if the `context` is
   * unusual.
   * @param options `refreshToken`: in bearer transport, the token that the client has sent;
   * `context`: the context for scoring, instead of that of the site's reader
   * @throws PortcullisError `ERR_ARGUMENT` for an invalid `context`, `ERR_ENTROPY`, and what every
   * operation may throw (see `signIn`)
   */
  refresh(
    request: RequestHead,
    options?: { refreshToken?: string; context?: RequestContext },
  ): Promise<RefreshSuccess<Data> | Rejection>
  /**
   * Ends the session of the request, and clears its cookies, also where the request has no session.
   * One `get`, at most one `swap`.
   *
   * Rejected with `ERR_CROSS_ORIGIN`.
   * @throws PortcullisError what every operation may throw (see `signIn`); no cookie is then
   * cleared
   */
  signOut(
    request: RequestHead,
    options?: { refreshToken?: string },
  ): Promise<SignOutSuccess | Rejection>
  /**
   * Creates a CSRF token of 75 characters for the session of a result: for a hidden form field, or
   * for a script that sends it as `x-csrf-token`. Each call gives another token; all are valid
   * until the next sign-in or step-up.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`, `ERR_ENTROPY`, `ERR_DISPOSED`, `ERR_TRAP`
   */
  csrfToken(
    answer: { session: { id: string; authenticatedAtMs: number; acr: string | null } },
  ): string
  /**
   * Revokes one session by its public ID. Gives whether it was active. Check before whether it
   * belongs to the user who asks.
   *
   * @throws PortcullisError `ERR_ARGUMENT` for a malformed session ID, and what every operation may
   * throw (see `signIn`)
   */
  revoke(sessionId: string): Promise<boolean>
  /**
   * Revokes all sessions of a subject in one write. Gives how many were active.
   *
   * @param options `except`: the public ID of a session that continues
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  revokeAll(subject: string, options?: { except?: string }): Promise<number>
  /**
   * Lists the active sessions of a subject, the most recently used first. One `get`.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  list(subject: string): Promise<Session<Data>[]>
  /**
   * Gives the stored risk profile of a subject, for a user who asks for the data that you keep: at
   * most 1 KiB of keyed hashes, counts, times and one coarse location (docs/anomaly-scoring.md
   * lists them). Gives `null` where there is none. One `get`.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  riskProfile(subject: string): Promise<Uint8Array | null>
  /**
   * Erases the risk profiles of a subject and of their sessions. No session ends, and the next
   * request starts new profiles. Gives whether there was one. One `get`, at most one `swap`.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  eraseRiskProfile(subject: string): Promise<boolean>
  /**
   * Gives the public halves of the ring's `signingKey` keys, upcoming keys included, with the
   * headers to serve them with at `/.well-known/jwks.json`.
   *
   * @throws PortcullisError `ERR_CLOCK`, `ERR_DISPOSED`, `ERR_TRAP`
   */
  jwks(): JwksResponse
  /** Wipes and forgets the keys. Every later call throws `ERR_DISPOSED`. */
  dispose(): void
  /**
   * Does all that a request needs: authenticates it, and refreshes it if its access token is
   * missing, expired or near its expiry. A rejection has a ready `response`. The `headers` of a
   * success must be in your response: `answer.reply` makes one with them, `withHeaders` merges
   * them. Usually no store call; with a refresh one `get`, at most one `swap`; docs/web.md has the
   * table.
   *
   * Rejected as `authenticate` and `refresh` are. An error with status 503 is a rejection here.
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`) with
   * another status than 503
   */
  protect(
    request: RequestHead,
    options: ProtectOptions & { checkStore: true },
  ): Promise<ProtectSuccess<Session<Data>> | ProtectRejection>
  protect(
    request: RequestHead,
    options?: ProtectOptions & { checkStore?: false },
  ): Promise<ProtectSuccess<AuthenticatedSession> | ProtectRejection>
  /**
   * Answers the routes `refresh`, `sign-out`, `list`, `revoke`, `csrf` and `jwks` below `/session`:
   * see docs/web.md. Gives `null` for a path that is not below the base path. At most three `get`s
   * and two `swap`s.
   *
   * @throws PortcullisError `ERR_CONFIG` for an invalid option, `ERR_ARGUMENT` if the body was read
   * before, and what every operation may throw (see `signIn`) with another status than 503
   */
  handle(request: Request, options?: HandleOptions): Promise<Response | null>
}

/** The facts that `decideRotation` decides on. They contain no secret. */
export interface RotationFacts {
  /** The current time in milliseconds since 1970. */
  nowMs: number
  /** The refresh token, which is already authenticated. */
  presentedToken: { generation: number; absoluteDeadlineMs: number }
  /** The session of the record, or `null` where the record has no such session. */
  session: null | {
    /** The current generation of the record. */
    generation: number
    /** Whether the secret of the presented token is that of the record's current generation. */
    secretMatches: boolean
    /** Whether the successor of the presented token is the record's current token. */
    successorIsCurrent: boolean
    /**
     * Whether the client family equals that of the last rotation; `null` where one of them names no
     * browser or no system.
     */
    sameClient: boolean | null
    /** The time of the last rotation. */
    rotatedAtMs: number
    /** The time of the first use of the current generation. Default: not used yet. */
    confirmedAtMs?: number | null
    /**
     * The time at which the presented generation was closed, by the first use or the rotation of
     * the next one. Default: not closed.
     */
    closedAtMs?: number | null
    /** The last step-up of the session. Default: none. */
    stepUp?: null | {
      /** The generation that the step-up started. */
      generation: number
      /** The time of the step-up. */
      atMs: number
      /** Whether the client family equals that of the step-up, or `null` as above. */
      sameClient: boolean | null
      /** The time at which the new tokens of the step-up were first used. Default: not used yet. */
      closedAtMs?: number | null
    }
    /** The time at which the session ends unless it is refreshed before. */
    idleDeadlineMs: number
    /** The time at which the session ends in any case. */
    absoluteDeadlineMs: number
  }
  /** The reason of the removal, where `session` is `null`. Default: unknown. */
  removalReason?: 'revoked' | 'evicted' | 'reused' | null
  /**
   * The windows, with the defaults of the policy, and whether first uses are recorded
   * (`confirmationsRecorded`).
   */
  windows?:
    & Pick<
      SessionPolicy,
      | 'minRotationIntervalSeconds'
      | 'concurrentRefreshSeconds'
      | 'inFlightSeconds'
      | 'lostResponseSeconds'
      | 'leewaySeconds'
    >
    & {
      confirmationsRecorded?: boolean
    }
}
