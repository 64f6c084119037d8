import { PortcullisError } from '../core/errors.js'
import type { HostServices } from '../core/host.js'
import type { Decision, Operation, OperationOutcome, RejectedOutcome } from '../core/protocol.js'
import type { SiteHandle } from '../core/wasm.js'
import { callCore } from '../core/wasm.js'
import { decodeRisk } from '../risk/score.js'
import type { CheckedStore } from '../stores/checked-store.js'
import type { StoreEntry } from '../stores/types.js'
import type { SessionEvent } from './types.js'

/** N devices of one subject may need N attempts. This is twice the default session limit. */
const MAX_ATTEMPTS = 64

/**
 * An operation that depends on what another one finds in the same record. It is made again for each
 * attempt.
 */
export interface TwoStepOperation {
  first: Operation
  then: (found: OperationOutcome) => Promise<Operation | null>
}

/**
 * Reads the record, lets the core decide, and swaps the new value in; after a conflict, again. This
 * is the only place that calls the store. **An outcome is true only if its write succeeded**, and
 * so are its events.
 *
 * @throws PortcullisError `ERR_CONFLICT` after too many conflicts, and what the store or the core
 * throws
 */
export async function decideAndSwap(
  core: SiteHandle,
  store: CheckedStore,
  host: HostServices<SessionEvent>,
  operation: Operation | TwoStepOperation,
): Promise<OperationOutcome> {
  const first = 'then' in operation ? operation.first : operation
  const plan: string | OperationOutcome = core.call((site) => site.plan(first, host.now()))
  if (typeof plan !== 'string') return plan
  for (let attemptNumber = 0; attemptNumber < MAX_ATTEMPTS; attemptNumber += 1) {
    const entry = await store.get(plan)
    let decision = decideOnce(core, host, first, entry)
    if ('then' in operation) {
      const next = await operation.then(decision.outcome)
      if (next === null) return decision.outcome
      decision = decideOnce(core, host, next, entry)
    }
    if (
      decision.write === null || (await store.swap(plan, entry?.revision ?? null, decision.write))
    ) {
      emitDecodedEvents(host, decision.events)
      return decision.outcome
    }
    await backOff(attemptNumber)
  }
  throw new PortcullisError(
    'ERR_CONFLICT',
    'Write conflict: too many concurrent changes to this subject. Retry shortly; nothing was changed.',
  )
}

function decideOnce(
  core: SiteHandle,
  host: HostServices<SessionEvent>,
  operation: Operation,
  entry: StoreEntry | null,
): Decision {
  const entropy = host.drawRandom(callCore((all) => all.attemptBytes()))
  return core.call((site) => site.decide(operation, entry?.value, host.now(), entropy)) as Decision
}

function emitDecodedEvents(host: HostServices<SessionEvent>, events: Decision['events']): void {
  host.emitEvents(events.map((event) => ({ ...event, risk: decodeRisk(event.risk) })))
}

/**
 * Decides an operation without writing, and gives its rejection, or `null` where it would succeed.
 * A rejection without a write is final, so that its events are sent.
 */
export async function previewRejection(
  core: SiteHandle,
  store: CheckedStore,
  host: HostServices<SessionEvent>,
  operation: Operation,
): Promise<RejectedOutcome | null> {
  const plan: string | OperationOutcome = core.call((site) => site.plan(operation, host.now()))
  const entry = typeof plan === 'string' ? await store.get(plan) : null
  const { write, outcome, events } = typeof plan === 'string'
    ? decideOnce(core, host, operation, entry)
    : { write: null, outcome: plan, events: [] }
  if (write !== null || outcome.kind !== 'rejected') return null
  emitDecodedEvents(host, events)
  return outcome
}

/**
 * Waits a random time, of which the limit doubles with each attempt up to 32 ms, so that requests
 * that have collided do not collide again.
 */
function backOff(attemptNumber: number): Promise<void> {
  return new Promise((resolve) =>
    setTimeout(resolve, Math.random() * Math.min(2 ** attemptNumber, 32))
  )
}
