import * as answers from './answers.js'
import { call, SiteCore } from './core.js'
import { PortcullisError } from './errors.js'
import { Host } from './host.js'
import { copyKeys, jsonText, optionalText, requestFacts, requestFactsOrNoCookies, textList, wellFormed } from './inputs.js'
import { decideAndSwap } from './loop.js'
import type { AuthenticateAnswer, Operation, Outcome, RejectedOutcome } from './protocol.js'
import { CheckedStore } from './store.js'
import type { Authenticated, Policy, Refreshed, Rejection, Session, Sessions, SessionsOptions, SignedIn, SignedOut, SignInOptions } from './types.js'

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
    this.#core = new SiteCore({ issuer, audience, keys: this.#keys, policy: { ...policy } })
    if (policy.development === true) warnOfDevelopmentMode()
  }

  async signIn(request: Request, { subject, data, acr, amr, label }: SignInOptions): Promise<SignedIn | Rejection> {
    const start = {
      request: requestFactsOrNoCookies(request),
      subject: wellFormed(subject, 'subject'),
      data: jsonText(data, 'data'),
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
    const answer: AuthenticateAnswer = this.#core.call((core) => core.authenticate(method, scheme, host, cookie, secFetchSite, origin, this.#host.now()))
    return answers.authenticated(answer)
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

  dispose(): void {
    this.#core.dispose()
    for (const { secret } of this.#keys.ring) secret.bytes.fill(0)
    this.#keys.index.bytes.fill(0)
  }

  #run(operation: Operation): Promise<Outcome> {
    return decideAndSwap(this.#core, this.#store, this.#host, operation)
  }

  #oversizeCookie(): Rejection {
    const refusal: Omit<RejectedOutcome, 'kind'> = this.#core.call(() => call((core) => core.rejection('ERR_COOKIE')))
    return answers.rejection(refusal)
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

/** A misspelt option would quietly leave its default in force. */
function refuseUnknown(options: object, known: object, where: string): void {
  if (typeof options !== 'object' || options === null) throw new PortcullisError('ERR_CONFIG', `${where} takes an object of options.`)
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw new PortcullisError('ERR_CONFIG', `${where} has no option "${name}": it knows ${Object.keys(known).join(', ')}.`)
  }
}

let warned = false

function warnOfDevelopmentMode(): void {
  if (warned) return
  warned = true
  console.warn('portcullis: development mode. Cookies are not Secure; only http://localhost, 127.0.0.1 and [::1] are answered.')
}

/** A new secret for `keys`: 32 random bytes in base64url. Print it once and keep it where you keep secrets. */
export function generateSecret(entropy?: (length: number) => Uint8Array): string {
  const bytes = new Host(undefined, entropy).draw(32)
  return call((core) => core.toBase64Url(bytes))
}

