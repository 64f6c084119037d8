import { Believed, safeCookies } from './access-cookie.js'
import * as answers from './answers.js'
import { backgroundOf, Confirmations } from './background.js'
import { cacheOf, freeze } from './cache.js'
import { challenged } from './challenge.js'
import { readClaims } from './claims.js'
import type { RequestContext } from './context/types.js'
import { call, Kept, type SiteCore } from './core.js'
import * as desk from './desk.js'
import { PortcullisError } from './errors.js'
import { Host } from './host.js'
import {
  type Found,
  jsonText,
  type Look,
  optionalText,
  refuseUnknown,
  requestText,
  requestTextForAccess,
  requestTextOrNoCookies,
  textList,
  wellFormed,
} from './inputs.js'
import { copyKeys, copyPairs, type TokenKeyCopy, wipe } from './keys.js'
import { decideAndSwap, type Prepared, refusalOf } from './loop.js'
import type { Operation, Outcome, RequestText } from './protocol.js'
import { reasonAt, rejectedFor } from './reasons.js'
import { checkRiskPolicy, contextText } from './risk.js'
import { CheckedStore } from './store.js'
import { published } from './tokens.js'
import type {
  Authenticated,
  AuthenticatedSession,
  Checked,
  Freshness,
  Json,
  Policy,
  PublishedKeys,
  Refreshed,
  Rejection,
  RequestHead,
  Session,
  Sessions,
  SessionsOptions,
  SignedIn,
  SignedOut,
  SignInOptions,
} from './types.js'
import { handle } from './web/handle.js'
import { protect, type Stage, staged } from './web/protect.js'
import type { HandleOptions, Protected, ProtectOptions, Refused } from './web/types.js'

/**
 * Sessions for a site. Draws no randomness and reads no clock until a call needs them, so it may
 * stand at global scope.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_STORE_NEEDS_SWAP`
 */
export function createSessions<Data extends Json = Json>(options: SessionsOptions): Sessions<Data> {
  return new SiteSessions(options) as unknown as Sessions<Data>
}

class SiteSessions implements Sessions {
  readonly #keys: ReturnType<typeof copyKeys>
  readonly #pairs: TokenKeyCopy[]
  readonly #core: SiteCore
  readonly #store: CheckedStore
  readonly #host: Host
  readonly #confirmations: Confirmations | undefined
  readonly #look: Look
  readonly #believed: Believed<Authenticated> | undefined
  readonly #stage: Stage
  readonly #context: NonNullable<SessionsOptions['context']>

  constructor(options: SessionsOptions) {
    refuseUnknown(options, OPTIONS, 'createSessions')
    const {
      issuer,
      audience,
      keys,
      store,
      policy = {},
      clock,
      entropy,
      waitUntil,
      onEvent,
      cache,
      context = () => undefined,
    } = options
    refuseUnknown(policy, POLICY, 'policy')
    checkRiskPolicy(policy.risk)
    if (typeof context !== 'function') {
      throw new PortcullisError(
        'ERR_CONFIG',
        'context must be a function that takes a request, such as (request) => readContext(request, { platform: ... }).',
      )
    }
    this.#context = context
    this.#store = new CheckedStore(store)
    this.#host = new Host(clock, entropy, onEvent)
    this.#keys = copyKeys(keys)
    for (const [name, value] of Object.entries({ issuer, audience })) {
      if (value !== undefined && (typeof value !== 'string' || value.length > 256)) {
        throw new PortcullisError('ERR_CONFIG', `${name} must be a string of 1 to 256 bytes.`)
      }
    }
    this.#pairs = copyPairs(keys.ring)
    const keepGoing = backgroundOf(waitUntil)
    this.#core = new Kept({
      issuer,
      audience,
      keys: this.#keys,
      tokenKeys: this.#pairs,
      policy: { ...policy, confirmationFed: keepGoing !== undefined },
    }, (core, site) => new core.Core(site))
    const confirm = (sessionId: string, generation: number): Promise<Outcome> =>
      this.#run({ kind: 'confirm', sessionId, generation })
    if (keepGoing !== undefined) this.#confirmations = new Confirmations(keepGoing, confirm)
    this.#look = {
      path: (policy.dangerousCsrfExemptPaths ?? []).length > 0,
      authorization: policy.transport === 'bearer',
    }
    this.#stage = staged({
      sessions: this,
      now: () => this.#host.now(),
      authenticate: (request, csrfToken, now) => this.#authenticate(request, csrfToken, now),
      bearer: this.#look.authorization,
      glance: (request, csrfToken) => this.#glance(request, csrfToken),
    })
    const remembered = cacheOf<Authenticated>(cache)
    // In these modes more of a request counts than its access cookie.
    const isPlain = policy.development !== true && policy.transport !== 'bearer'
    if (isPlain && remembered !== undefined) {
      this.#believed = new Believed(
        remembered,
        `__Host-${policy.cookieName ?? 'portcullis'}-access`,
      )
    }
    if (policy.development === true) warnOfDevelopmentMode()
  }

  async signIn(
    request: RequestHead,
    {
      subject,
      anonymous = false,
      data,
      keepData = false,
      claims,
      confirmation,
      acr,
      amr,
      label,
      refreshToken,
      context,
      proved = false,
    }: SignInOptions,
  ): Promise<SignedIn | Rejection> {
    const start = {
      kind: 'sign_in' as const,
      request: requestTextOrNoCookies(request, this.#look, { refreshToken }),
      subject: subjectOf(subject, anonymous, () => this.#host.draw(16)),
      data: jsonText(data, 'data'),
      claims: jsonText(claims, 'claims'),
      jkt: optionalText(confirmation?.jkt, 'confirmation.jkt'),
      acr: optionalText(acr, 'acr'),
      amr: textList(amr, 'amr'),
      label: optionalText(label, 'label'),
      context: this.#contextOf(request, context),
      proved: proved === true,
      minted: this.#host.draw(call((core) => core.mintedBytes())),
    }
    // Somebody else's session in this browser is in another record: it ends first, or nobody is
    // signed in.
    const replaced = this.#core.call((core) => core.sessionToReplace(start))
    if (replaced !== undefined) {
      const refused = start.context === undefined
        ? null
        : await refusalOf(this.#core, this.#store, this.#host, start)
      if (refused !== null) return answers.rejection(refused)
      if (keepData && data === undefined) {
        start.data = jsonText(await this.#anonymousData(replaced), 'data')
      }
      await this.revoke(replaced)
    }
    return answers.signedIn(await this.#run(start))
  }

  authenticate(
    request: RequestHead,
    options?: { fresh?: false; csrfToken?: string },
  ): Authenticated | Rejection
  authenticate(
    request: RequestHead,
    options: { fresh: true; csrfToken?: string; context?: RequestContext },
  ): Promise<Checked | Rejection>
  authenticate(
    request: RequestHead,
    { fresh = false, csrfToken, context }: {
      fresh?: boolean
      csrfToken?: string
      context?: RequestContext
    } = {},
  ): Authenticated | Rejection | Promise<Checked | Rejection> {
    return fresh
      ? this.#check(request, csrfToken, context)
      : this.#authenticate(request, csrfToken, this.#host.now())
  }

  async refresh(request: RequestHead, found?: Found): Promise<Refreshed | Rejection> {
    const text = requestText(request, this.#look, found)
    return text === null
      ? this.#oversizeCookie()
      : this.#challenged(
        answers.refreshed(
          await this.#run({
            kind: 'refresh',
            request: text,
            context: this.#contextOf(request, found?.context),
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
  ): Promise<Refreshed | Rejection> {
    const text = requestText(request, this.#look, { refreshToken })
    if (text === null) return this.#oversizeCookie()
    const minted = this.#host.draw(call((core) => core.mintedBytes()))
    return this.#challenged(
      answers.refreshed(
        await this.#run({
          kind: 'step_up',
          request: text,
          subject: optionalText(subject, 'subject'),
          acr: optionalText(acr, 'acr'),
          amr: textList(amr, 'amr'),
          context: this.#contextOf(request, context),
          minted,
        }),
      ),
    )
  }

  requireFresh(
    { session }: { session: { authenticatedAtMs: number; acr: string | null } },
    { maxAgeSeconds, acr }: { maxAgeSeconds: number; acr?: string },
  ): Freshness {
    if (typeof maxAgeSeconds !== 'number' || !(maxAgeSeconds >= 0)) {
      throw new PortcullisError(
        'ERR_ARGUMENT',
        'maxAgeSeconds must be a number of seconds, 0 or more.',
      )
    }
    const now = this.#host.now()
    call((core) => core.checkTime(now))
    const recent = now - session.authenticatedAtMs <= maxAgeSeconds * 1000
    if (recent && (acr === undefined || acr === session.acr)) return { ok: true }
    return {
      ok: false,
      code: 'ERR_STEP_UP_NEEDED',
      status: 401,
      message: 'This needs a fresh proof of who the user is: ask for it, then call stepUp.',
    }
  }

  async update(
    sessionId: string,
    change: (data: Json) => Json | Promise<Json>,
  ): Promise<Session | null> {
    const id = wellFormed(sessionId, 'sessionId')
    const then = async (outcome: Outcome): Promise<Operation | null> => {
      const session = answers.found(outcome)
      return session === null
        ? null
        : { kind: 'update', sessionId: id, data: jsonText(await change(session.data), 'data') }
    }
    return answers.found(await this.#run({ first: { kind: 'find', sessionId: id }, then }))
  }

  async signOut(request: RequestHead, found?: Found): Promise<SignedOut | Rejection> {
    return this.#challenged(
      answers.signedOut(
        await this.#run({
          kind: 'sign_out',
          request: requestTextOrNoCookies(request, this.#look, found),
        }),
      ),
    )
  }

  csrfToken(
    { session }: { session: { id: string; authenticatedAtMs: number; acr: string | null } },
  ): string {
    const id = wellFormed(session?.id, 'session.id')
    if (typeof session.authenticatedAtMs !== 'number') {
      throw new PortcullisError(
        'ERR_ARGUMENT',
        'csrfToken takes an answer that has a session, such as authenticate gives.',
      )
    }
    const acr = optionalText(session.acr ?? undefined, 'session.acr')
    const random = this.#host.draw(16)
    return this.#core.call((core) =>
      core.csrfToken(id, session.authenticatedAtMs, acr, this.#host.now(), random)
    )
  }

  async revoke(sessionId: string): Promise<boolean> {
    return answers.revoked(
      await this.#run({ kind: 'revoke', sessionId: wellFormed(sessionId, 'sessionId') }),
    ) > 0
  }

  async revokeAll(subject: string, { except }: { except?: string } = {}): Promise<number> {
    return answers.revoked(
      await this.#run({
        kind: 'revoke_all',
        subject: wellFormed(subject, 'subject'),
        except: optionalText(except, 'except'),
      }),
    )
  }

  async list(subject: string): Promise<Session[]> {
    return answers.listed(
      await this.#run({ kind: 'list', subject: wellFormed(subject, 'subject') }),
    )
  }

  async riskProfile(subject: string): Promise<Uint8Array | null> {
    return answers.profile(
      await this.#run({ kind: 'profile', subject: wellFormed(subject, 'subject'), erase: false }),
    )
  }

  async eraseRiskProfile(subject: string): Promise<boolean> {
    return answers.profile(
      await this.#run({ kind: 'profile', subject: wellFormed(subject, 'subject'), erase: true }),
    ) !== null
  }

  jwks(): PublishedKeys {
    return published(this.#core.call((core) => core.publishedSet(this.#host.now())))
  }

  protect(
    request: RequestHead,
    options: ProtectOptions & { fresh: true },
  ): Promise<Protected<Session> | Refused>
  protect(
    request: RequestHead,
    options?: ProtectOptions & { fresh?: false },
  ): Promise<Protected<AuthenticatedSession> | Refused>
  protect(request: RequestHead, options?: ProtectOptions): Promise<Protected<never> | Refused> {
    return protect(this.#stage, request, options) as Promise<Protected<never> | Refused>
  }

  handle(request: Request, options?: HandleOptions): Promise<Response | null> {
    return handle(this.#stage, request, options)
  }

  dispose(): void {
    this.#core.dispose()
    this.#believed?.clear()
    wipe([
      ...this.#keys.ring.map((key) => key.secret),
      ...this.#pairs.map((key) => key.material),
      this.#keys.index,
    ])
  }

  async #anonymousData(sessionId: string): Promise<Json | undefined> {
    const session = answers.found(await this.#run({ kind: 'find', sessionId }))
    return session?.subject.startsWith(ANONYMOUS) === true && session.data !== null
      ? session.data
      : undefined
  }

  /** What the call gave, or the site's own reader. */
  #contextOf(
    request: RequestHead,
    given: RequestContext | undefined,
  ): ReturnType<typeof contextText> {
    return contextText(given ?? this.#context(request))
  }

  async #check(
    request: RequestHead,
    csrfToken: string | undefined,
    context: RequestContext | undefined,
  ): Promise<Checked | Rejection> {
    const text = requestTextForAccess(request, this.#look, { csrfToken })
    return text === null
      ? this.#oversizeCookie()
      : this.#challenged(
        answers.checked(
          await this.#run({
            kind: 'check',
            request: text,
            context: this.#contextOf(request, context),
          }),
        ),
      )
  }

  #authenticate(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): Authenticated | Rejection {
    const said = this.#remembered(request, csrfToken, now)
    if (said.ok) this.#confirmations?.feed(said.session.id, said.session.generation)
    return said
  }

  /**
   * By the access cookie alone, where it is known and nothing else counts; otherwise by all that
   * the request shows.
   */
  #remembered(
    request: RequestHead,
    csrfToken: string | undefined,
    now: number,
  ): Authenticated | Rejection {
    const cookies = this.#believed === undefined ? undefined : safeCookies(request)
    const known = cookies === undefined ? undefined : this.#believed?.get(cookies, now)
    if (known !== undefined) return known
    const said = this.#glance(request, csrfToken, now)
    if (said.ok && cookies !== undefined) {
      this.#core.call((core) =>
        this.#believed?.set(cookies, now, {
          answer: freeze(said),
          fromMs: core.goodFrom(),
          untilMs: core.goodUntil(),
        })
      )
    }
    return said
  }

  /** By what a request shows; nothing is written down. */
  #believe(text: RequestText, now: number): Authenticated | Rejection {
    return this.#core.call((core) => {
      const length = desk.write(text)
      if (length < 0) return this.#oversizeCookie()
      const said = core.authenticate(length, now)
      return said < 0
        ? this.#challenged<Authenticated>(rejectedFor(reasonAt(~said).code))
        : answers.authenticated(readClaims(said))
    })
  }

  #glance(
    request: RequestHead,
    csrfToken: string | undefined,
    now = this.#host.now(),
  ): Authenticated | Rejection {
    const text = requestTextForAccess(request, this.#look, { csrfToken })
    return text === null ? this.#oversizeCookie() : this.#believe(text, now)
  }

  #run(operation: Operation | Prepared): Promise<Outcome> {
    return decideAndSwap(this.#core, this.#store, this.#host, operation)
  }

  #challenged<Answer extends { ok: true }>(answer: Answer | Rejection): Answer | Rejection {
    return this.#look.authorization ? challenged(answer) : answer
  }

  #oversizeCookie(): Rejection {
    return this.#core.call(() => rejectedFor('ERR_COOKIE'))
  }
}

const OPTIONS: Record<keyof SessionsOptions, true> = {
  issuer: true,
  audience: true,
  keys: true,
  store: true,
  policy: true,
  clock: true,
  entropy: true,
  waitUntil: true,
  onEvent: true,
  cache: true,
  context: true,
}
const POLICY: Record<keyof Policy, true> = {
  accessTtlSeconds: true,
  idleTimeoutSeconds: true,
  absoluteTimeoutSeconds: true,
  throttleSeconds: true,
  raceSeconds: true,
  flightSeconds: true,
  retrySeconds: true,
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

const ANONYMOUS = 'anonymous:'

/** The application's user, or somebody new whom nobody knows yet. */
function subjectOf(subject: unknown, anonymous: boolean, draw: () => Uint8Array): string {
  if (anonymous && subject !== undefined) {
    throw new PortcullisError('ERR_ARGUMENT', 'A session is anonymous or has a subject, not both.')
  }
  if (anonymous) return ANONYMOUS + call((core) => core.opaque(draw()))
  const text = wellFormed(subject, 'subject')
  if (text.startsWith(ANONYMOUS)) {
    throw new PortcullisError(
      'ERR_ARGUMENT',
      `A subject must not begin with "${ANONYMOUS}": those are sessions from before a sign-in.`,
    )
  }
  return text
}

let warned = false

function warnOfDevelopmentMode(): void {
  if (warned) return
  warned = true
  console.warn(
    'portcullis: development mode. Cookies are not Secure; only http://localhost, 127.0.0.1 and [::1] are answered.',
  )
}
