import { encodeJson } from '../core/encode.js'
import type { Json, RotationDecision } from '../core/types.js'
import { callCore } from '../core/wasm.js'
import type { RotationFacts } from './types.js'

/**
 * The decision table of refresh rotation, on facts: to replay your own logs through it, or to test
 * what you build on it.
 */
export function decideRotation(facts: RotationFacts): RotationDecision {
  // A copy as plain data: a getter of the caller's must not run, and throw, in the middle of the
  // core.
  const plain = JSON.parse(encodeJson(facts as unknown as Json, 'facts') ?? 'null') as RotationFacts
  const numbers = encodeFacts(plain)
  return callCore((core) => core.decideRotation(numbers)) as RotationDecision
}

/** In the order of src/wasm/rotation.rs; what is absent is NaN. */
function encodeFacts(
  { nowMs, presented, session = null, removal, policy = {} }: RotationFacts,
): Float64Array {
  const absent = Number.NaN
  const number = (
    value: number | boolean | null | undefined,
  ): number => (typeof value === 'number' || typeof value === 'boolean' ? Number(value) : absent)
  const stepUp = session?.stepUp ?? null
  const numbers = [
    ...[nowMs, presented?.generation, presented?.absoluteDeadlineMs],
    removal == null ? absent : 1 + ['revoked', 'evicted', 'reused'].indexOf(removal),
    ...[
      policy.throttleSeconds,
      policy.raceSeconds,
      policy.flightSeconds,
      policy.retrySeconds,
      policy.confirmationsRecorded,
    ],
    session !== null,
    ...(session === null
      ? []
      : [
        session.generation,
        session.sameSecret,
        session.successorIsCurrent,
        session.sameSender,
        session.rotatedAtMs,
        session.idleDeadlineMs,
        session.absoluteDeadlineMs,
        session.confirmedAtMs,
        session.closedAtMs,
        stepUp !== null,
      ]),
    ...(stepUp === null
      ? []
      : [stepUp.generation, stepUp.atMs, stepUp.sameSender, stepUp.closedAtMs]),
  ]
  return Float64Array.from(numbers, number)
}
