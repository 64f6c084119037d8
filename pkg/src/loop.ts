import type { SiteCore } from './core.js'
import { call } from './core.js'
import { PortcullisError } from './errors.js'
import type { Host } from './host.js'
import type { CheckedStore } from './store.js'
import type { Decision, Operation, Outcome } from './protocol.js'

/** N devices of one subject may need N attempts; twice the default number of sessions. */
const ATTEMPTS = 64

/**
 * The only place that talks to the store. **An outcome is true only if its write landed.**
 */
export async function decideAndSwap(core: SiteCore, store: CheckedStore, host: Host, operation: Operation): Promise<Outcome> {
  const plan: string | Outcome = core.call((site) => site.plan(operation, host.now()))
  if (typeof plan !== 'string') return plan
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const entry = await store.get(plan)
    const entropy = host.draw(call((all) => all.attemptBytes()))
    const decision: Decision = core.call((site) => site.decide(operation, entry?.value, host.now(), entropy))
    if (decision.write === null) return decision.outcome
    if (await store.swap(plan, entry?.revision ?? null, decision.write)) return decision.outcome
    await backOff(attempt)
  }
  throw new PortcullisError('ERR_CONFLICT', 'Too many requests changed this user at once: try again in a moment. Nothing was changed.')
}

/** Twice as long at every turn up to 32 ms, with jitter, so that those who collided do not collide again. */
function backOff(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 32)))
}
