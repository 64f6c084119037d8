import type { SiteCore } from './core.js'
import { call } from './core.js'
import { PortcullisError } from './errors.js'
import type { Host } from './host.js'
import type { Decision, Operation, Outcome, RejectedOutcome } from './protocol.js'
import { riskOf } from './risk.js'
import type { CheckedStore } from './store.js'
import type { StoreEntry } from './types.js'

/** N devices of one subject may need N attempts; twice the default number of sessions. */
const ATTEMPTS = 64

/** Makes the operation anew for every attempt, from what another one finds in the same entry. */
export interface Prepared {
  first: Operation
  then: (found: Outcome) => Promise<Operation | null>
}

/**
 * The only place that talks to the store. **An outcome is true only if its write landed**, and so
 * are its events.
 */
export async function decideAndSwap(
  core: SiteCore,
  store: CheckedStore,
  host: Host,
  operation: Operation | Prepared,
): Promise<Outcome> {
  const first = 'then' in operation ? operation.first : operation
  const plan: string | Outcome = core.call((site) => site.plan(first, host.now()))
  if (typeof plan !== 'string') return plan
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const entry = await store.get(plan)
    let decision = decided(core, host, first, entry)
    if ('then' in operation) {
      const next = await operation.then(decision.outcome)
      if (next === null) return decision.outcome
      decision = decided(core, host, next, entry)
    }
    if (
      decision.write === null || (await store.swap(plan, entry?.revision ?? null, decision.write))
    ) {
      tell(host, decision.events)
      return decision.outcome
    }
    await backOff(attempt)
  }
  throw new PortcullisError(
    'ERR_CONFLICT',
    'Too many requests changed this user at once: try again in a moment. Nothing was changed.',
  )
}

function decided(
  core: SiteCore,
  host: Host,
  operation: Operation,
  entry: StoreEntry | null,
): Decision {
  const entropy = host.draw(call((all) => all.attemptBytes()))
  return core.call((site) => site.decide(operation, entry?.value, host.now(), entropy)) as Decision
}

function tell(host: Host, events: Decision['events']): void {
  host.tell(events.map((event) => ({ ...event, risk: riskOf(event.risk) })))
}

/**
 * What an operation would be refused with, as things are now; `null` where it would not be. A
 * refusal that writes nothing is true at once, and so are its events.
 */
export async function refusalOf(
  core: SiteCore,
  store: CheckedStore,
  host: Host,
  operation: Operation,
): Promise<RejectedOutcome | null> {
  const plan: string | Outcome = core.call((site) => site.plan(operation, host.now()))
  const entry = typeof plan === 'string' ? await store.get(plan) : null
  const { write, outcome, events } = typeof plan === 'string'
    ? decided(core, host, operation, entry)
    : { write: null, outcome: plan, events: [] }
  if (write !== null || outcome.kind !== 'rejected') return null
  tell(host, events)
  return outcome
}

/**
 * Twice as long at every turn up to 32 ms, with jitter, so that those who collided do not collide
 * again.
 */
function backOff(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 32)))
}
