import * as answers from './answers.js'
import { call, Kept, type SiteCore } from './core.js'
import { readClaims } from './claims.js'
import * as desk from './desk.js'
import { PortcullisError } from './errors.js'
import { Host } from './host.js'
import { jsonText, optionalText, refuseUnknown, requestFacts, requestFactsOrNoCookies, textList, wellFormed } from './inputs.js'
import { copyKeys, copyPairs, type TokenKeyCopy, wipe } from './keys.js'
import { decideAndSwap } from './loop.js'
import type { AuthenticateAnswer, Operation, Outcome } from './protocol.js'
import { rejectedFor } from './reasons.js'
import { CheckedStore } from './store.js'
import { published } from './tokens.js'
import type { Authenticated, Policy, PublishedKeys, Refreshed, Rejection, Session, Sessions, SessionsOptions, SignedIn, SignedOut, SignInOptions } from './types.js'

/**
 * Sessions for a site. Draws no randomness and reads no clock until a call needs them, so it may stand at global scope.
 *
 * @throws PortcullisError `ERR_CONFIG`, `ERR_WEAK_KEY`, `ERR_STORE_NEEDS_SWAP`
 */
export function createSessions(options: SessionsOptions): Sessions {
  return new SiteSessions(options)
}

class SiteSessions implements Sessions {
  readonly #keys: ReturnType<typeof copyKeys>
  readonly #pairs: TokenKeyCopy[]
  readonly #core: SiteCore
  readonly #store: CheckedStore
  readonly #host: Host

  constructor(options: SessionsOptions) {
    refuseUnknown(options, OPTIONS, 'createSessions')
    const { issuer, audience, keys, store, policy = {}, clock, entropy } = options
    refuseUnknown(policy, POLICY, 'policy')
    this.#store = new CheckedStore(store)
    this.#host = new Host(clock, entropy)
    this.#keys = copyKeys(keys)
    for (const [name, value] of Object.entries({ issuer, audience })) {
      if (value !== undefined && (typeof value !== 'string' || value.length > 256)) throw new PortcullisError('ERR_CONFIG', `${name} must be a string of 1 to 256 bytes.`)
    }
    this.#pairs = copyPairs(keys.ring)
    this.#core = new Kept({ issuer, audience, keys: this.#keys, tokenKeys: this.#pairs, policy: { ...policy } }, (core, site) => new core.Core(site))
    if (policy.development === true) warnOfDevelopmentMode()
  }

  async signIn(request: Request, { subject, data, claims, confirmation, acr, amr, label }: SignInOptions): Promise<SignedIn | Rejection> {
    const start = {
      request: requestFactsOrNoCookies(request),
      subject: wellFormed(subject, 'subject'),
      data: jsonText(data, 'data'),
      claims: jsonText(claims, 'claims'),
      jkt: optionalText(confirmation?.jkt, 'confirmation.jkt'),
      acr: optionalText(acr, 'acr'),
      amr: textList(amr, 'amr'),
      label: optionalText(label, 'label'),
      minted: this.#host.draw(call((core) => core.mintedBytes())),
    }
    // Somebody else's session in this browser is in another record: it ends first, or nobody is signed in.
    const replaced = this.#core.call((core) => core.sessionToReplace(start))
    if (replaced !== undefined) await this.revoke(replaced)
    return answers.signedIn(await this.#run({ signIn: start }))
  }

  authenticate(request: Request): Authenticated | Rejection {
    const facts = requestFacts(request)
    if (facts === null) return this.#oversizeCookie()
    const { method, scheme, host, cookie, secFetchSite, origin } = facts
    const now = this.#host.now()
    return this.#core.call((core) => {
      const length = cookie === undefined ? undefined : desk.write(cookie)
      if (length === -1) return this.#oversizeCookie()
      const answer: AuthenticateAnswer = core.authenticate(method, scheme, host, length, secFetchSite, origin, now)
      return typeof answer === 'number' ? answers.authenticated(readClaims(answer)) : answers.rejection(answer)
    })
  }

  async refresh(request: Request): Promise<Refreshed | Rejection> {
    const facts = requestFacts(request)
    return facts === null ? this.#oversizeCookie() : answers.refreshed(await this.#run({ refresh: { request: facts } }))
  }

  async signOut(request: Request): Promise<SignedOut | Rejection> {
    return answers.signedOut(await this.#run({ signOut: { request: requestFactsOrNoCookies(request) } }))
  }

  async revoke(sessionId: string): Promise<boolean> {
    return answers.revoked(await this.#run({ revoke: { sessionId: wellFormed(sessionId, 'sessionId') } })) > 0
  }

  async revokeAll(subject: string, { except }: { except?: string } = {}): Promise<number> {
    return answers.revoked(await this.#run({ revokeAll: { subject: wellFormed(subject, 'subject'), except: optionalText(except, 'except') } }))
  }

  async list(subject: string): Promise<Session[]> {
    return answers.listed(await this.#run({ list: { subject: wellFormed(subject, 'subject') } }))
  }

  jwks(): PublishedKeys {
    return published(this.#core.call((core) => core.publishedSet(this.#host.now())))
  }

  dispose(): void {
    this.#core.dispose()
    wipe([...this.#keys.ring.map((key) => key.secret), ...this.#pairs.map((key) => key.material), this.#keys.index])
  }

  #run(operation: Operation): Promise<Outcome> {
    return decideAndSwap(this.#core, this.#store, this.#host, operation)
  }

  #oversizeCookie(): Rejection {
    return this.#core.call(() => rejectedFor('ERR_COOKIE'))
  }
}

const OPTIONS: Record<keyof SessionsOptions, true> = { issuer: true, audience: true, keys: true, store: true, policy: true, clock: true, entropy: true }
const POLICY: Record<keyof Policy, true> = {
  accessTtlSeconds: true,
  idleTimeoutSeconds: true,
  absoluteTimeoutSeconds: true,
  throttleSeconds: true,
  leewaySeconds: true,
  maxSessionsPerSubject: true,
  sameSite: true,
  development: true,
}

let warned = false

function warnOfDevelopmentMode(): void {
  if (warned) return
  warned = true
  console.warn('portcullis: development mode. Cookies are not Secure; only http://localhost, 127.0.0.1 and [::1] are answered.')
}
