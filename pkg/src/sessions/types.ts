/**
 * The public types of sessions.
 *
 * Times are milliseconds since 1970 (as `Date.now()` gives them) and say so in their name; lengths
 * of time are whole seconds and say so too.
 */
import type { RequestContext } from '../context/types.js'
import type {
  AuthenticatedSession,
  Entropy,
  Json,
  Keys,
  RequestHead,
  RotationDetails,
  Session,
  SessionEventType,
} from '../core/types.js'
import type { Risk, RiskPolicy } from '../risk/types.js'
import type { Store } from '../stores/types.js'
import type { PublishedKeys } from '../tokens/types.js'
import type {
  Authenticated,
  Checked,
  ContextReader,
  HandleOptions,
  Protected,
  ProtectOptions,
  Refreshed,
  Refused,
  Rejection,
  SignedOut,
} from '../web/types.js'

/** What the site wants. Everything has a default; a value out of its range is `ERR_CONFIG`. */
export interface Policy {
  /**
   * Lifetime of an access token, and so the longest a revoked session is still believed without a
   * store read. Default 300, range 60 to 3600.
   */
  accessTtlSeconds?: number
  /**
   * A session that was not refreshed for this long is over. Default 604800 (7 days), range 60 to
   * 31536000.
   */
  idleTimeoutSeconds?: number
  /**
   * A session ends this long after its sign-in, whatever happens. Default 2592000 (30 days), range
   * 60 to 34560000 (400 days).
   */
  absoluteTimeoutSeconds?: number
  /**
   * A refresh this soon after the last rotation gives a new access token but does not rotate.
   * Default 30, range 0 to 300.
   */
  throttleSeconds?: number
  /**
   * After the first use of a new refresh token (or of its access token), the previous one still
   * gives the same answer for this long: two tabs that refreshed at once. Default 10, range 0 to
   * 60.
   */
  raceSeconds?: number
  /**
   * How long a request may be under way. A token that was spent this recently is a straggler (409),
   * not a theft. Default 60, range 10 to 600, at least twice `leewaySeconds`.
   */
  flightSeconds?: number
  /**
   * Where first uses are not written down (see `waitUntil`): how long after a rotation a lost
   * answer is given again. Default 120, range 10 to 3600.
   */
  retrySeconds?: number
  /**
   * The timeouts of NIST SP 800-63B-4 instead of the defaults here: `'nist-aal1'` absolute 30 days;
   * `'nist-aal2'` idle 1 hour, absolute 24 hours; `'nist-aal3'` idle 15 minutes, absolute 12 hours.
   * An explicit timeout wins.
   */
  preset?: 'nist-aal1' | 'nist-aal2' | 'nist-aal3'
  /**
   * How far another machine's clock may be off when `exp` and `iat` are checked. Default 30, range
   * 0 to 120.
   */
  leewaySeconds?: number
  /**
   * Sessions a subject may have at once; one more evicts the longest idle. Default 32, range 1 to
   * 256.
   */
  maxSessionsPerSubject?: number
  /**
   * The cookies' SameSite. `'strict'` also keeps them from the first request of somebody who
   * follows a link to you. Default `'lax'`.
   */
  sameSite?: 'lax' | 'strict'
  /**
   * How the cookies' names begin, behind their prefix: 1 to 32 letters, digits, `-` and `_`.
   * Another name signs everybody out. Default `'portcullis'`.
   */
  cookieName?: string
  /**
   * How long a browser keeps the cookies: `'deadline'`, as long as what they hold is good, or
   * `'browser-session'`, until it is closed (one that restores its windows restores them too).
   * Default `'deadline'`.
   */
  cookiePersistence?: 'deadline' | 'browser-session'
  /**
   * The path that the refresh cookie is limited to, for example `'/session'`. It is then
   * `__Secure-`, not `__Host-`: a subdomain could plant one. Refreshing, signing in, stepping up
   * and signing out must then happen below that path, and `protect` cannot refresh elsewhere.
   * Default: everywhere.
   */
  refreshPath?: string
  /**
   * How tokens travel. `'cookie'`: in cookies that scripts cannot read. `'bearer'`, for native
   * apps: the access token in `Authorization: Bearer` (RFC 6750); answers give the refresh token,
   * and `refresh`, `signOut` and `stepUp` take it as `refreshToken`. No cookie is set, and one of
   * ours beside a bearer token is refused (`ERR_CREDENTIALS`). A site that serves both kinds of
   * clients calls `createSessions` twice, with the same keys and store. Default `'cookie'`.
   */
  transport?: 'cookie' | 'bearer'
  /**
   * What an unsafe request must show. `'origin'`: a same-origin `Sec-Fetch-Site` or `Origin`; one
   * with neither header passes `authenticate` with a CSRF token. `'token'`: both, where it is
   * authenticated: `x-csrf-token`, or a form field handed over as `csrfToken`. Default `'origin'`.
   */
  csrf?: 'origin' | 'token'
  /**
   * Whether sign-in and step-up set a cookie that scripts can read, `__Host-portcullis-csrf`, with
   * a CSRF token. Default false.
   */
  csrfCookie?: boolean
  /**
   * Other origins whose pages may send unsafe requests, such as `'https://admin.example'`: at most
   * 64. They must be same-site, or cookies do not travel. Default none.
   */
  trustedOrigins?: string[]
  /**
   * Paths where an unsafe request may come from anywhere: **whoever can make a user's browser send
   * one acts in the user's name**. For callbacks of identity providers and signed webhooks.
   * `'/hooks/stripe'`, `'/hooks/'` (and all below), `'/hooks/{name}'`, `'POST /hooks/stripe'`; at
   * most 64. Default none.
   */
  dangerousCsrfExemptPaths?: string[]
  /**
   * What a sign-out tells the browser to forget of this site besides (`Clear-Site-Data`).
   * `'cookies'` takes those of the whole registrable domain. Default none.
   */
  clearSiteData?: ('cache' | 'cookies' | 'storage' | 'executionContexts')[]
  /**
   * What is done about requests that are strange for their user. Only where a `context` is given:
   * docs/anomaly-scoring.md. Default `{}`.
   */
  risk?: RiskPolicy
  /**
   * Development on http://localhost, 127.0.0.1 or [::1] only: cookies without `Secure` and without
   * the `__Host-` prefix. Requests to any other host are refused with `ERR_DEVELOPMENT_MODE`. Says
   * so once on the console. Default false.
   */
  development?: boolean
}

/** What `createSessions` takes. */
export interface SessionsOptions {
  /**
   * The `iss` of access tokens, compared exactly: 1 to 256 characters, usually your site's origin.
   */
  issuer: string
  /** The `aud` of access tokens. Default: the issuer. */
  audience?: string
  keys: Keys
  store: Store
  policy?: Policy
  /** The current time in milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /**
   * Gives exactly `length` random bytes from a cryptographically secure source. Default: the
   * runtime's `crypto.getRandomValues`.
   */
  entropy?: Entropy
  /**
   * Keeps a promise going after the response: how the first use of every new token is written down.
   * Node.js, Deno, Bun and browsers need none, and Cloudflare Workers bring their own. Elsewhere,
   * without it, a client that lost an answer is signed out if it comes back later than
   * `retrySeconds`; portcullis says so once.
   */
  waitUntil?: (promise: Promise<unknown>) => void
  /**
   * Gets every event after its write landed: for logs and alarms. What it throws, or rejects with,
   * breaks nothing.
   */
  onEvent?: (event: SessionEvent) => unknown
  /**
   * How many access cookies to remember that were believed, so that `authenticate` answers the next
   * GET or HEAD with the same one at once; `false` for none. Default 1000, range 0 to 100000. A
   * remembered answer is given only while the core would give it: not before its time, not after
   * its end or its key's retirement. Answers are deep-frozen then, since they are shared. Takes up
   * to 3 KB each.
   */
  cache?: number | false
  /**
   * Where a request comes from, for scoring: `(request) => readContext(request, { platform:
   * 'cloudflare' })`. Asked at sign-in, refresh, step-up, and checks against the store, where the
   * call itself gives no `context`. Where it gives `null` or `undefined`, that request is not
   * scored. What it throws is thrown on. Default: nothing is scored.
   */
  context?: ContextReader
}

/**
 * Something that happened. Holds no secret, no name and no address: ids are hashed, always alike.
 * An `anomaly` comes beside what else happened.
 */
export interface SessionEvent {
  type: SessionEventType
  atMs: number
  /** Whose: a keyed hash of the subject. */
  subjectKey: string
  /** Which session: a hash of its id. `null` where several may be meant. */
  sessionKey: string | null
  /** How many sessions were ended by `revoke` or `revokeAll`. */
  count: number | null
  /** Where a refresh token was presented. */
  rotation: RotationDetails | null
  /** Of an `anomaly`: how strange a request was, why, and what came of it. Otherwise `null`. */
  risk: Risk | null
}

/** What `signIn` takes besides the request. */
export interface SignInOptions<Data extends Json = Json> {
  /**
   * Who signed in: your own stable user id, 1 to 256 bytes of UTF-8, not beginning with
   * `anonymous:`.
   */
  subject?: string
  /**
   * Instead of a subject: a session for somebody who has not signed in yet. A later `signIn` with a
   * subject ends it and starts a new one with a new id and fresh secrets.
   */
  anonymous?: boolean
  /** The application's own data on the session: JSON, at most 1 KiB. */
  data?: Data
  /**
   * Take over the data of the anonymous session that this sign-in ends, where `data` is not given.
   * Default false.
   */
  keepData?: boolean
  /**
   * The application's own claims in every access token of this session: a plain object, at most 1
   * KiB as JSON. They cannot override what portcullis sets (iss, aud, sub, sid, gen, jti, iat, exp,
   * nbf, auth_time, acr, amr, cnf and a few more).
   */
  claims?: { [name: string]: Json }
  /**
   * Binds the session to a key of the client (RFC 9449): the key's SHA-256 thumbprint becomes the
   * `jkt` of the `cnf` claim. Checking the proof of possession is yours.
   */
  confirmation?: { jkt: string }
  /**
   * Authentication context class, how sure you are (RFC 9068 2.2.1), at most 64 bytes. For example
   * `'aal1'`.
   */
  acr?: string
  /**
   * Authentication methods used (RFC 8176): at most 8 of at most 32 bytes. For example `['pwd',
   * 'otp']`.
   */
  amr?: string[]
  /** What to call this session in a list, for example `'Firefox on Linux'`. At most 64 bytes. */
  label?: string
  /** In bearer transport: the refresh token of the session that this sign-in ends. */
  refreshToken?: string
  /**
   * Where the request comes from, for scoring. Default: what the `context` of `createSessions`
   * gives.
   */
  context?: RequestContext
  /**
   * The user has proved more than usual of who they are (a second factor), perhaps after a refusal
   * with `ERR_RISK_STEP_UP`: scoring refuses nothing, and what this request shows becomes familiar.
   * Never from the request's own words: a thief who may say so is let in, and is familiar from then
   * on. Default false.
   */
  proved?: boolean
}

export interface SignedIn<Data extends Json = Json> {
  ok: true
  session: Session<Data>
  accessToken: string
  /** In bearer transport; otherwise `null`: it is in its cookie. */
  refreshToken: string | null
  /** Sets both cookies. Merge into the response. */
  headers: Headers
  /** How strange the request was; `null` where no `context` was given. */
  risk: Risk | null
}

/** What `requireFresh` says: fine, or step up first. */
export type Freshness = { ok: true } | {
  ok: false
  code: 'ERR_STEP_UP_NEEDED'
  status: 401
  message: string
}

export interface Sessions<Data extends Json = Json> {
  /**
   * Starts a session with a new id. The session the request carried, if any, ends. One `get`, one
   * `swap` (and the same again where that session was somebody else's).
   *
   * Refused with `ERR_CROSS_ORIGIN`, `ERR_PREFETCH`; with `ERR_RISK_STEP_UP` (403) where a
   * `context` is given and strange: ask for a second factor, then call it again with `proved:
   * true`.
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_RECORD_FULL`, `ERR_ENTROPY`, and what every
   * operation may throw: `ERR_STORE_UNAVAILABLE`, `ERR_STORE_CONTRACT`, `ERR_CONFLICT`,
   * `ERR_RECORD_CORRUPT`, `ERR_RECORD_NEWER`, `ERR_RECORD_KEY`, `ERR_CLOCK`,
   * `ERR_DEVELOPMENT_MODE`, `ERR_DISPOSED`, `ERR_TRAP`
   */
  signIn(request: RequestHead, options: SignInOptions<Data>): Promise<SignedIn<Data> | Rejection>
  /**
   * Checks the access cookie (RFC 9068). Synchronous and without a store read; a revocation is
   * honoured within `accessTtlSeconds` (and leeway).
   *
   * Refused with `ERR_TOKEN_*`, `ERR_COOKIE`, `ERR_CROSS_ORIGIN`, `ERR_CSRF`, `ERR_CREDENTIALS`; on
   * 401 refresh and try again.
   * @param options `csrfToken`: the token of a form field, where there is no `x-csrf-token` header
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`, `ERR_DEVELOPMENT_MODE`, `ERR_DISPOSED`,
   * `ERR_TRAP`
   */
  authenticate(
    request: RequestHead,
    options?: { fresh?: false; csrfToken?: string },
  ): Authenticated | Rejection
  /**
   * The same, and the session is looked up: a revocation is honoured at once, and the session comes
   * with its data. One `get`, at most one `swap`.
   *
   * Refused as well with `ERR_SESSION_*`; with `ERR_STEP_UP_UNFINISHED` (409) for a token from
   * before a step-up; with `ERR_RISK_STEP_UP` (403) and `ERR_SESSION_RISK` (401) where a `context`
   * is given and strange.
   * @throws PortcullisError `ERR_ARGUMENT` for a wrong `context`, and what every operation may
   * throw (see `signIn`)
   */
  authenticate(
    request: RequestHead,
    options: { fresh: true; csrfToken?: string; context?: RequestContext },
  ): Promise<Checked<Data> | Rejection>
  /**
   * The user proved more of who they are (a second factor, the password again): the session goes on
   * with fresh secrets, and no token from before inherits the assurance. One `get`, at most one
   * `swap`. Call it again if its answer was lost. Where a `context` is given it is scored, refused
   * never, and familiar from then on.
   *
   * Refused as `refresh`, but never for a score; with `ERR_SESSION_UNKNOWN` where the session is
   * not `subject`'s.
   * @param options `subject`: who proved it. Give it wherever you know it: somebody else's proof
   * must not vouch for this session
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
  ): Promise<Refreshed<Data> | Rejection>
  /**
   * Whether the user proved who they are recently enough, and well enough: before a password is
   * changed or money sent. Pure: looks at an answer of `authenticate`.
   *
   * @param options `maxAgeSeconds`: 0 or more; `acr`: exactly this
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`
   */
  requireFresh(
    answer: { session: { authenticatedAtMs: number; acr: string | null } },
    options: { maxAgeSeconds: number; acr?: string },
  ): Freshness
  /**
   * Changes the application's data on a session: `change` gets what is there and gives what shall
   * be, and may be called again where another request was first. `null` where the session is over.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_RECORD_FULL`, and what every operation may throw
   * (see `signIn`)
   */
  update(
    sessionId: string,
    change: (data: Data) => Data | Promise<Data>,
  ): Promise<Session<Data> | null>
  /**
   * Spends the refresh cookie for a new one. One `get`, at most one `swap`.
   *
   * Refused with `ERR_SUPERSEDED` (409) when another request of the same browser was first: try
   * again with the cookies it has by then. Refused with `ERR_REFRESH_*`, `ERR_SESSION_*`,
   * `ERR_COOKIE`, `ERR_CROSS_ORIGIN`: sign in. Refused with `ERR_PREFETCH` (409) where nobody has
   * asked for the page yet; with `ERR_RISK_STEP_UP` (403) and `ERR_SESSION_RISK` (401) where a
   * `context` is given and strange.
   * @param options `refreshToken`: in bearer transport, from wherever the client sent it;
   * `context`: where the request comes from, for scoring, instead of what the `context` of
   * `createSessions` gives
   * @throws PortcullisError `ERR_ARGUMENT` for a wrong `context`, `ERR_ENTROPY`, and what every
   * operation may throw (see `signIn`)
   */
  refresh(
    request: RequestHead,
    options?: { refreshToken?: string; context?: RequestContext },
  ): Promise<Refreshed<Data> | Rejection>
  /**
   * Ends the request's session and clears its cookies. Without a session it only clears them. One
   * `get`, at most one `swap`.
   *
   * Refused with `ERR_CROSS_ORIGIN`.
   * @throws PortcullisError what every operation may throw (see `signIn`); no cookie is cleared
   * then
   */
  signOut(request: RequestHead, options?: { refreshToken?: string }): Promise<SignedOut | Rejection>
  /**
   * A CSRF token for the session of an answer: for a hidden form field, or for scripts that send it
   * in `x-csrf-token`. 75 characters. Every call gives another one; all are good until the next
   * sign-in or step-up.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, `ERR_CLOCK`, `ERR_ENTROPY`, `ERR_DISPOSED`, `ERR_TRAP`
   */
  csrfToken(
    answer: { session: { id: string; authenticatedAtMs: number; acr: string | null } },
  ): string
  /**
   * Ends one session by its public id. True if it was alive. Ask first whether it belongs to
   * whoever asks for it.
   *
   * @throws PortcullisError `ERR_ARGUMENT` for what is no session id, and what every operation may
   * throw (see `signIn`)
   */
  revoke(sessionId: string): Promise<boolean>
  /**
   * Ends all sessions of a subject in one write, except one (its public id) if you like. Gives how
   * many were alive.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  revokeAll(subject: string, options?: { except?: string }): Promise<number>
  /**
   * The living sessions of a subject, the most recently used first. One `get`.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  list(subject: string): Promise<Session<Data>[]>
  /**
   * What scoring remembers of a subject, in its stored form (at most 1 KiB of keyed tags, counts,
   * times and one coarse place; docs/anomaly-scoring.md says of what): for somebody who asks what
   * you keep of them. `null` where there is nothing. One `get`.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  riskProfile(subject: string): Promise<Uint8Array | null>
  /**
   * Forgets what scoring remembers of a subject and of their sessions; it learns anew with the next
   * request. Ends no session. True if there was something. One `get`, at most one `swap`.
   *
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`)
   */
  eraseRiskProfile(subject: string): Promise<boolean>
  /**
   * The public halves of the ring's `signing` keys, upcoming ones too, with the headers to serve
   * them with. For `/.well-known/jwks.json`.
   *
   * @throws PortcullisError `ERR_CLOCK`, `ERR_DISPOSED`, `ERR_TRAP`
   */
  jwks(): PublishedKeys
  /** Wipes and forgets the keys. Every later call throws `ERR_DISPOSED`. */
  dispose(): void
  /**
   * All that a request needs: `authenticate`, and where its access token is missing, expired, or
   * near its end, `refresh`. An answer that is not ok has a ready `response`; the `headers` of one
   * that is must be in yours (`answer.reply` makes one with them, `withHeaders` merges them).
   * Usually no store call; with a refresh one `get`, at most one `swap`; docs/web.md has the table.
   *
   * Refused as `authenticate` and `refresh` are; what they throw with status 503 is a refusal here.
   * @throws PortcullisError `ERR_ARGUMENT`, and what every operation may throw (see `signIn`) but
   * has another status
   */
  protect(
    request: RequestHead,
    options: ProtectOptions & { fresh: true },
  ): Promise<Protected<Session<Data>> | Refused>
  protect(
    request: RequestHead,
    options?: ProtectOptions & { fresh?: false },
  ): Promise<Protected<AuthenticatedSession> | Refused>
  /**
   * Answers `/session/refresh`, `sign-out`, `list`, `revoke`, `csrf` and `jwks`: see docs/web.md.
   * `null` for a path that is not below the base path. At most three `get`s and two `swap`s.
   *
   * @throws PortcullisError `ERR_CONFIG` for a wrong option, `ERR_ARGUMENT` where the body was read
   * before, and what every operation may throw (see `signIn`) but has another status than 503
   */
  handle(request: Request, options?: HandleOptions): Promise<Response | null>
}

/** What `decideRotation` looks at: the facts, without secrets. */
export interface RotationFacts {
  nowMs: number
  /** The refresh token, already authenticated. */
  presented: { generation: number; absoluteDeadlineMs: number }
  /** What the record says, or `null` where it knows no such session. */
  session: null | {
    generation: number
    /** Whether the secret of the presented token is the one of the record's current generation. */
    sameSecret: boolean
    /** Whether the token that follows the presented one is the record's current one. */
    successorIsCurrent: boolean
    /** Whether the same kind of client presents it as made the last rotation. */
    sameSender: boolean
    rotatedAtMs: number
    /** When the current generation was first used. */
    confirmedAtMs?: number | null
    /** When the presented generation was closed: the next one was first used, or rotated away. */
    closedAtMs?: number | null
    /** The last step-up. */
    stepUp?: null | {
      generation: number
      atMs: number
      sameSender: boolean
      closedAtMs?: number | null
    }
    idleDeadlineMs: number
    absoluteDeadlineMs: number
  }
  /** Why the session is gone, where `session` is `null`. */
  removal?: 'revoked' | 'evicted' | 'reused' | null
  /** The windows; `confirmationsRecorded`: whether first uses are written down. */
  policy?: Pick<Policy, 'throttleSeconds' | 'raceSeconds' | 'flightSeconds' | 'retrySeconds'> & {
    confirmationsRecorded?: boolean
  }
}
