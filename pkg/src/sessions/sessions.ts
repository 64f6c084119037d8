import type { RequestContext } from '../context/types.js'
import { decodeClaims } from '../core/decode-claims.js'
import {
  checkOptionalText,
  checkText,
  checkTextList,
  type Credentials,
  encodeAccessRequest,
  encodeJson,
  encodeRequest,
  encodeWithoutOversizeCookies,
  type ReadOptions,
  rejectNullOptions,
  rejectUnknownOptions,
} from '../core/encode.js'
import { PortcullisError } from '../core/errors.js'
import { HostServices } from '../core/host.js'
import { copyKeyRing, copySigningKeys, type TokenKeyCopy, wipe } from '../core/key-input.js'
import type { Operation, OperationOutcome, RequestText } from '../core/protocol.js'
import { rejectionAt, rejectionFor } from '../core/rejections.js'
import * as sharedBuffer from '../core/shared-buffer.js'
import type { AuthenticatedSession, JsonValue, RequestHead, Session } from '../core/types.js'
import { callCore, type SiteHandle, WasmHandle } from '../core/wasm.js'
import { checkRiskPolicy, encodeContext } from '../risk/score.js'
import { CheckedStore } from '../stores/checked-store.js'
import { toJwksResponse } from '../tokens/jwks.js'
import { createTokenCache, deepFreeze } from '../tokens/token-cache.js'
import type { JwksResponse } from '../tokens/types.js'
import { handle } from '../web/handle.js'
import { protect, registerInternals, type SessionInternals } from '../web/protect.js'
import type {
  AuthenticateSuccess,
  HandleOptions,
  ProtectOptions,
  ProtectRejection,
  ProtectSuccess,
  RefreshSuccess,
  Rejection,
  SessionCheckSuccess,
  SignOutSuccess,
} from '../web/types.js'
import { AccessCookieCache, readSafeRequestCookies } from './access-cookie-cache.js'
import { decideAndSwap, previewRejection, type TwoStepOperation } from './decide-and-swap.js'
import { FirstUseRecorder, resolveWaitUntil } from './first-use.js'
import * as results from './results.js'
import type {
  RecentAuthResult,
  SessionEvent,
  SessionPolicy,
  Sessions,
  SessionsOptions,
  SignInOptions,
  SignInSuccess,
} from './types.js'
import { addBearerChallenge } from './www-authenticate.js'

/**
 * Creates the sessions of a site. The clock and the random source are not used before a call needs
 * them, so that this may be called at global scope, on Workers too.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_SECRET`, `ERR_STORE_NEEDS_SWAP`
 */
export function createSessions<Data extends JsonValue = JsonValue>(
  options: SessionsOptions,
): Sessions<Data> {
  return new SiteSessions(options) as unknown as Sessions<Data>
}

class SiteSessions implements Sessions {
  readonly #keys: ReturnType<typeof copyKeyRing>
  readonly #signingKeys: TokenKeyCopy[]
  readonly #core: SiteHandle
  readonly #store: CheckedStore
  readonly #host: HostServices<SessionEvent>
  readonly #firstUses: FirstUseRecorder | undefined
  readonly #readOptions: ReadOptions
  readonly #accessCookies: AccessCookieCache<AuthenticateSuccess> | undefined
  readonly #internals: SessionInternals
  readonly #contextReader: NonNullable<SessionsOptions['contextReader']>

  constructor(options: SessionsOptions) {
    rejectUnknownOptions(options, SESSIONS_OPTIONS, 'createSessions')
    rejectNullOptions(options, 'createSessions')
    const {
      issuer,
      audience,
      keys,
      store,
      policy = {},
      clock,
      entropy,
      waitUntil,
      firstUseCacheSize,
      onEvent,
      tokenCacheSize,
      contextReader = () => undefined,
    } = options
    rejectUnknownOptions(policy, POLICY_OPTIONS, 'policy')
    rejectNullOptions(policy, 'policy')
    checkRiskPolicy(policy.risk)
    if (typeof contextReader !== 'function') {
      throw new PortcullisError(
        'ERR_CONFIG',
        'contextReader must be a function that takes a request, such as (request) => readContext(request, { platform: ... }).',
      )
    }
    this.#contextReader = contextReader
    this.#store = new CheckedStore(store)
    this.#host = new HostServices(clock, entropy, onEvent)
    this.#keys = copyKeyRing(keys)
    for (const [name, value] of Object.entries({ issuer, audience })) {
      if (value !== undefined && (typeof value !== 'string' || value.length > 256)) {
        throw new PortcullisError('ERR_CONFIG', `${name} must be a string of 1 to 256 bytes.`)
      }
    }
    this.#signingKeys = copySigningKeys(keys.ring)
    const resolvedWaitUntil = resolveWaitUntil(waitUntil)
    this.#core = new WasmHandle({
      issuer,
      audience,
      keys: this.#keys,
      tokenKeys: this.#signingKeys,
      policy: { ...policy, confirmationsRecorded: resolvedWaitUntil !== undefined },
    }, (core, site) => new core.SiteCore(site))
    const confirm = (sessionId: string, generation: number): Promise<OperationOutcome> =>
      this.#execute({ kind: 'confirm', sessionId, generation })
    if (resolvedWaitUntil !== undefined) {
      this.#firstUses = new FirstUseRecorder(resolvedWaitUntil, confirm, firstUseCacheSize)
    }
    this.#readOptions = {
      readsPath: (policy.dangerousCsrfExemptPaths ?? []).length > 0,
      usesAuthorization: policy.transport === 'bearer',
    }
    this.#internals = registerInternals({
      sessions: this,
      now: () => this.#host.now(),
      authenticate: (request, csrfToken, now) => this.#authenticate(request, csrfToken, now),
      usesBearer: this.#readOptions.usesAuthorization,
      check: (request, { csrfToken, context }) => this.#check(request, csrfToken, context),
      checkUnconfirmed: (request, { csrfToken, context }) =>
        this.#check(request, csrfToken, context, true),
      isInner: false,
      authenticateUnconfirmed: (request, csrfToken) =>
        this.#authenticateUnconfirmed(request, csrfToken),
    })
    const tokenCache = createTokenCache<AuthenticateSuccess>(tokenCacheSize)
    // Development mode also checks the host, and bearer transport the `Authorization` header, so
    // that their results depend on more than the access cookie.
    const isPlain = policy.development !== true && policy.transport !== 'bearer'
    if (isPlain && tokenCache !== undefined) {
      this.#accessCookies = new AccessCookieCache(
        tokenCache,
        `__Host-${policy.cookieName ?? 'portcullis'}-access`,
      )
    }
    if (policy.development === true) warnAboutDevelopmentMode()
  }

  async signIn(
    request: RequestHead,
    {
      subject,
      anonymous = false,
      data,
      keepData = false,
      claims,
      cnf,
      acr,
      amr,
      label,
      refreshToken,
      context,
      stepUpVerified = false,
    }: SignInOptions,
  ): Promise<SignInSuccess | Rejection> {
    const operation = {
      kind: 'sign_in' as const,
      request: encodeWithoutOversizeCookies(request, this.#readOptions, { refreshToken }),
      subject: resolveSubject(subject, anonymous, () => this.#host.drawRandom(16)),
      data: encodeJson(data, 'data'),
      claims: encodeJson(claims, 'claims'),
      jkt: checkOptionalText(cnf?.jkt, 'cnf.jkt'),
      acr: checkOptionalText(acr, 'acr'),
      amr: checkTextList(amr, 'amr'),
      label: checkOptionalText(label, 'label'),
      context: this.#encodeContext(request, context),
      stepUpVerified: stepUpVerified === true,
      initialEntropy: this.#host.drawRandom(callCore((core) => core.initialEntropyBytes())),
    }
    // The current session of this browser may belong to another subject, and so to another record.
    // That session is revoked first; if this fails, nobody is signed in.
    const replacedId = this.#core.call((core) => core.sessionToReplace(operation))
    if (replacedId !== undefined) {
      const rejection = operation.context === undefined
        ? null
        : await previewRejection(this.#core, this.#store, this.#host, operation)
      if (rejection !== null) return results.toRejection(rejection)
      if (keepData && data === undefined) {
        operation.data = encodeJson(await this.#anonymousData(replacedId), 'data')
      }
      await this.revoke(replacedId)
    }
    return results.toSignInResult(await this.#execute(operation))
  }

  authenticate(
    request: RequestHead,
    options?: { checkStore?: false; csrfToken?: string },
  ): AuthenticateSuccess | Rejection
  authenticate(
    request: RequestHead,
    options: { checkStore: true; csrfToken?: string; context?: RequestContext },
  ): Promise<SessionCheckSuccess | Rejection>
  authenticate(
    request: RequestHead,
    { checkStore = false, csrfToken, context }: {
      checkStore?: boolean
      csrfToken?: string
      context?: RequestContext
    } = {},
  ): AuthenticateSuccess | Rejection | Promise<SessionCheckSuccess | Rejection> {
    return checkStore
      ? this.#check(request, csrfToken, context)
      : this.#authenticate(request, csrfToken, this.#host.now())
  }

  async refresh(
    request: RequestHead,
    credentials?: Credentials & { context?: RequestContext },
  ): Promise<RefreshSuccess | Rejection> {
    const text = encodeRequest(request, this.#readOptions, credentials)
    return text === null
      ? this.#rejectOversizeCookie()
      : this.#addChallenge(
        results.toRefreshResult(
          await this.#execute({
            kind: 'refresh',
            request: text,
            context: this.#encodeContext(request, credentials?.context),
          }),
        ),
      )
  }

  async stepUp(
    request: RequestHead,
    { subject, acr, amr, refreshToken, context }: {
      subject?: string
      acr?: string
      amr?: string[]
      refreshToken?: string
      context?: RequestContext
    } = {},
  ): Promise<RefreshSuccess | Rejection> {
    const text = encodeRequest(request, this.#readOptions, { refreshToken })
    if (text === null) return this.#rejectOversizeCookie()
    const initialEntropy = this.#host.drawRandom(callCore((core) => core.initialEntropyBytes()))
    return this.#addChallenge(
      results.toRefreshResult(
        await this.#execute({
          kind: 'step_up',
          request: text,
          subject: checkOptionalText(subject, 'subject'),
          acr: checkOptionalText(acr, 'acr'),
          amr: checkTextList(amr, 'amr'),
          context: this.#encodeContext(request, context),
          initialEntropy,
        }),
      ),
    )
  }

  requireRecentAuth(
    { session }: { session: { authenticatedAtMs: number; acr: string | null } },
    { maxAgeSeconds, acr }: { maxAgeSeconds: number; acr?: string },
  ): RecentAuthResult {
    if (typeof maxAgeSeconds !== 'number' || !(maxAgeSeconds >= 0)) {
      throw new PortcullisError(
        'ERR_ARGUMENT',
        'maxAgeSeconds must be a number of seconds, 0 or more.',
      )
    }
    const now = this.#host.now()
    callCore((core) => core.checkTime(now))
    const recent = now - session.authenticatedAtMs <= maxAgeSeconds * 1000
    if (recent && (acr === undefined || acr === session.acr)) return { ok: true }
    return {
      ok: false,
      code: 'ERR_STEP_UP_REQUIRED',
      status: 401,
      message:
        'A recent authentication is required: authenticate the user again, then call stepUp.',
    }
  }

  async update(
    sessionId: string,
    change: (data: JsonValue) => JsonValue | Promise<JsonValue>,
  ): Promise<Session | null> {
    const id = checkText(sessionId, 'sessionId')
    const then = async (outcome: OperationOutcome): Promise<Operation | null> => {
      const foundSession = results.toFoundSession(outcome)
      return foundSession === null
        ? null
        : {
          kind: 'update',
          sessionId: id,
          data: encodeJson(await change(foundSession.data), 'data'),
        }
    }
    return results.toFoundSession(
      await this.#execute({ first: { kind: 'find', sessionId: id }, then }),
    )
  }

  async signOut(
    request: RequestHead,
    credentials?: Credentials,
  ): Promise<SignOutSuccess | Rejection> {
    return this.#addChallenge(
      results.toSignOutResult(
        await this.#execute({
          kind: 'sign_out',
          request: encodeWithoutOversizeCookies(request, this.#readOptions, credentials),
        }),
      ),
    )
  }

  csrfToken(
    { session }: { session: { id: string; authenticatedAtMs: number; acr: string | null } },
  ): string {
    const id = checkText(session?.id, 'session.id')
    if (typeof session.authenticatedAtMs !== 'number') {
      throw new PortcullisError(
        'ERR_ARGUMENT',
        'csrfToken takes a result with a session: pass that of authenticate.',
      )
    }
    const acr = checkOptionalText(session.acr ?? undefined, 'session.acr')
    const random = this.#host.drawRandom(16)
    return this.#core.call((core) =>
      core.createCsrfToken(id, session.authenticatedAtMs, acr, this.#host.now(), random)
    )
  }

  async revoke(sessionId: string): Promise<boolean> {
    return results.toRevokedCount(
      await this.#execute({ kind: 'revoke', sessionId: checkText(sessionId, 'sessionId') }),
    ) > 0
  }

  async revokeAll(subject: string, { except }: { except?: string } = {}): Promise<number> {
    return results.toRevokedCount(
      await this.#execute({
        kind: 'revoke_all',
        subject: checkText(subject, 'subject'),
        except: checkOptionalText(except, 'except'),
      }),
    )
  }

  async list(subject: string): Promise<Session[]> {
    return results.toSessionList(
      await this.#execute({ kind: 'list', subject: checkText(subject, 'subject') }),
    )
  }

  async riskProfile(subject: string): Promise<Uint8Array | null> {
    return results.toRiskProfile(
      await this.#execute({
        kind: 'profile',
        subject: checkText(subject, 'subject'),
        erase: false,
      }),
    )
  }

  async eraseRiskProfile(subject: string): Promise<boolean> {
    return results.toRiskProfile(
      await this.#execute({ kind: 'profile', subject: checkText(subject, 'subject'), erase: true }),
    ) !== null
  }

  jwks(): JwksResponse {
    return toJwksResponse(this.#core.call((core) => core.jwks(this.#host.now())))
  }

  protect(
    request: RequestHead,
    options: ProtectOptions & { checkStore: true },
  ): Promise<ProtectSuccess<Session> | ProtectRejection>
  protect(
    request: RequestHead,
    options?: ProtectOptions & { checkStore?: false },
  ): Promise<ProtectSuccess<AuthenticatedSession> | ProtectRejection>
  protect(
    request: RequestHead,
    options?: ProtectOptions,
  ): Promise<ProtectSuccess<never> | ProtectRejection> {
    return protect(this.#internals, request, options) as Promise<
      ProtectSuccess<never> | ProtectRejection
    >
  }

  handle(request: Request, options?: HandleOptions): Promise<Response | null> {
    return handle(this.#internals, request, options)
  }

  dispose(): void {
    this.#core.dispose()
    this.#accessCookies?.clear()
    wipe([
      ...this.#keys.ring.map((key) => key.secret),
      ...this.#signingKeys.map((key) => key.material),
      this.#keys.storeKeySecret,
    ])
  }

  async #anonymousData(sessionId: string): Promise<JsonValue | undefined> {
    const foundSession = results.toFoundSession(await this.#execute({ kind: 'find', sessionId }))
    return foundSession?.subject.startsWith(ANONYMOUS_PREFIX) === true && foundSession.data !== null
      ? foundSession.data
      : undefined
  }

  /** Encodes the context of the call, or else that of the site's own reader. */
  #encodeContext(
    request: RequestHead,
    context: RequestContext | undefined,
  ): ReturnType<typeof encodeContext> {
    return encodeContext(context ?? this.#contextReader(request))
  }

  async #check(
    request: RequestHead,
    csrfToken: string | undefined,
    context: RequestContext | undefined,
    isInner = false,
  ): Promise<SessionCheckSuccess | Rejection> {
    const text = encodeAccessRequest(request, this.#readOptions, { csrfToken })
    return text === null
      ? this.#rejectOversizeCookie()
      : this.#addChallenge(
        results.toSessionCheckResult(
          await this.#execute({
            kind: 'check',
            request: text,
            context: this.#encodeContext(request, context),
            isInner,
          }),
        ),
      )
  }

  #authenticate(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): AuthenticateSuccess | Rejection {
    const result = this.#authenticateCached(request, csrfToken, now)
    if (result.ok) this.#firstUses?.record(result.session.id, result.session.generation)
    return result
  }

  /**
   * Authenticates by the access cookie alone if its result is cached, and otherwise by the whole
   * request.
   */
  #authenticateCached(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): AuthenticateSuccess | Rejection {
    const cookies = this.#accessCookies === undefined ? undefined : readSafeRequestCookies(request)
    const cached = cookies === undefined ? undefined : this.#accessCookies?.get(cookies, now)
    if (cached !== undefined) return cached
    const result = this.#authenticateUnconfirmed(request, csrfToken, now)
    if (result.ok && cookies !== undefined) {
      this.#core.call((core) =>
        this.#accessCookies?.set(cookies, now, {
          result: deepFreeze(result),
          fromMs: core.validFromMs(),
          untilMs: core.validUntilMs(),
        })
      )
    }
    return result
  }

  /** Verifies an encoded request. Records no first use. */
  #verifyText(text: RequestText, now: number): AuthenticateSuccess | Rejection {
    return this.#core.call((core) => {
      const length = sharedBuffer.writeText(text)
      if (length < 0) return this.#rejectOversizeCookie()
      const result = core.authenticate(length, now)
      return result < 0
        ? this.#addChallenge<AuthenticateSuccess>(rejectionFor(rejectionAt(~result).code))
        : results.toAuthenticateResult(decodeClaims(result))
    })
  }

  #authenticateUnconfirmed(
    request: RequestHead,
    csrfToken: string | undefined,
    now = this.#host.now(),
  ): AuthenticateSuccess | Rejection {
    const text = encodeAccessRequest(request, this.#readOptions, { csrfToken })
    return text === null ? this.#rejectOversizeCookie() : this.#verifyText(text, now)
  }

  #execute(operation: Operation | TwoStepOperation): Promise<OperationOutcome> {
    return decideAndSwap(this.#core, this.#store, this.#host, operation)
  }

  #addChallenge<Success extends { ok: true }>(result: Success | Rejection): Success | Rejection {
    return this.#readOptions.usesAuthorization ? addBearerChallenge(result) : result
  }

  #rejectOversizeCookie(): Rejection {
    return this.#core.call(() => rejectionFor('ERR_COOKIE_HEADER'))
  }
}

const SESSIONS_OPTIONS: Record<keyof SessionsOptions, true> = {
  issuer: true,
  audience: true,
  keys: true,
  store: true,
  policy: true,
  clock: true,
  entropy: true,
  waitUntil: true,
  firstUseCacheSize: true,
  onEvent: true,
  tokenCacheSize: true,
  contextReader: true,
}
const POLICY_OPTIONS: Record<keyof SessionPolicy, true> = {
  accessTtlSeconds: true,
  idleTimeoutSeconds: true,
  absoluteTimeoutSeconds: true,
  minRotationIntervalSeconds: true,
  concurrentRefreshSeconds: true,
  inFlightSeconds: true,
  lostResponseSeconds: true,
  preset: true,
  leewaySeconds: true,
  maxSessionsPerSubject: true,
  sameSite: true,
  development: true,
  cookieName: true,
  cookiePersistence: true,
  refreshPath: true,
  transport: true,
  csrf: true,
  csrfCookie: true,
  trustedOrigins: true,
  dangerousCsrfExemptPaths: true,
  clearSiteData: true,
  risk: true,
}

const ANONYMOUS_PREFIX = 'anonymous:'

/** Checks the subject, or makes a random one for an anonymous session. */
function resolveSubject(subject: unknown, anonymous: boolean, draw: () => Uint8Array): string {
  if (anonymous && subject !== undefined) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      'Both subject and anonymous were passed: pass one of them.',
    )
  }
  if (anonymous) return ANONYMOUS_PREFIX + callCore((core) => core.generateOpaqueToken(draw()))
  const text = checkText(subject, 'subject')
  if (text.startsWith(ANONYMOUS_PREFIX)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `Invalid subject: "${ANONYMOUS_PREFIX}" at its beginning is reserved for anonymous sessions.`,
    )
  }
  return text
}

let hasWarned = false

function warnAboutDevelopmentMode(): void {
  if (hasWarned) return
  hasWarned = true
  console.warn(
    'portcullis: development mode: cookies are not Secure, and only http://localhost, 127.0.0.1 and [::1] are accepted.',
  )
}
