import { encodeJson } from '../core/encode.js'
import type { JsonValue, RotationDecision } from '../core/types.js'
import { callCore } from '../core/wasm.js'
import type { RotationFacts } from './types.js'

/**
 * Applies the decision table of refresh rotation (docs/rotation.md) to facts: to replay logs, or to
 * test programs that depend on its verdicts.
 *
 * @throws PortcullisError `ERR_ARGUMENT` for facts that are not JSON, or not valid
 */
export function decideRotation(facts: RotationFacts): RotationDecision {
  // The copy is plain data, so that no getter of the caller can run, and throw, inside the core.
  const plain = JSON.parse(
    encodeJson(facts as unknown as JsonValue, 'facts') ?? 'null',
  ) as RotationFacts
  const row = encodeFacts(plain)
  return callCore((core) => core.decideRotation(row)) as RotationDecision
}

/** Encodes the facts in the order of src/wasm/rotation.rs. A missing fact is NaN. */
function encodeFacts(
  { nowMs, presentedToken, session = null, removalReason, windows = {} }: RotationFacts,
): Float64Array {
  const absent = Number.NaN
  const number = (
    value: number | boolean | null | undefined,
  ): number => (typeof value === 'number' || typeof value === 'boolean' ? Number(value) : absent)
  const stepUp = session?.stepUp ?? null
  const row = [
    ...[nowMs, presentedToken?.generation, presentedToken?.absoluteDeadlineMs],
    removalReason == null ? absent : 1 + ['revoked', 'evicted', 'reused'].indexOf(removalReason),
    ...[
      windows.minRotationIntervalSeconds,
      windows.concurrentRefreshSeconds,
      windows.inFlightSeconds,
      windows.lostResponseSeconds,
      windows.leewaySeconds,
      windows.confirmationsRecorded,
    ],
    session !== null,
    ...(session === null
      ? []
      : [
        session.generation,
        session.secretMatches,
        session.successorIsCurrent,
        session.sameClient,
        session.rotatedAtMs,
        session.idleDeadlineMs,
        session.absoluteDeadlineMs,
        session.confirmedAtMs,
        session.closedAtMs,
        stepUp !== null,
      ]),
    ...(stepUp === null
      ? []
      : [stepUp.generation, stepUp.atMs, stepUp.sameClient, stepUp.closedAtMs]),
  ]
  return Float64Array.from(row, number)
}
