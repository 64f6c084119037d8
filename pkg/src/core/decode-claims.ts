/**
 * Decodes claims into an object without a prototype, so that no name in a token can reach a member
 * of another object.
 *
 * The core has parsed the claims already and gives the position of each member, so that they are
 * cut out instead of being parsed again (measured: see performance.md, Decoding claims).
 */
import * as sharedBuffer from './shared-buffer.js'
import type { Claims, JsonValue } from './types.js'
import { instanceNumber } from './wasm.js'

/**
 * The layout of the index that src/wasm/shared_buffer.rs writes: the number of claims, the number
 * of their set of names, and five fields for each claim.
 */
const HEADER_LENGTH = 2
const FIELDS_PER_CLAIM = 5
const KIND_STRING = 1
const KIND_INTEGER = 2

/**
 * The names of the last claims, the number of that set of names, and the instance that gave it.
 * Tokens of one issuer have the same names, so that most calls need not cut them out.
 */
let lastNames: string[] = []
let lastNamesNumber = -1
let lastInstance = -1

/** Decodes the claims that the core has just written, from `length` bytes of the shared buffer. */
export function decodeClaims(length: number): Claims {
  const text = sharedBuffer.readText(length)
  const index = sharedBuffer.claimIndex()
  const count = numberAt(index, 0)
  if (count === 0) return Object.setPrototypeOf(JSON.parse(text), null) as Claims
  if (index[1] !== lastNamesNumber || lastInstance !== instanceNumber()) readNames(text, index)
  // Object.create(null) would make a dictionary in V8, which takes longer to fill.
  const claims = Object.setPrototypeOf({}, null) as Claims
  // The first seven are not set in a loop: V8 optimises each of these stores for its one name
  // (measured: see performance.md, Decoding claims).
  if (count > 0) claims[nameAt(0)] = claimAt(text, index, 0)
  if (count > 1) claims[nameAt(1)] = claimAt(text, index, 1)
  if (count > 2) claims[nameAt(2)] = claimAt(text, index, 2)
  if (count > 3) claims[nameAt(3)] = claimAt(text, index, 3)
  if (count > 4) claims[nameAt(4)] = claimAt(text, index, 4)
  if (count > 5) claims[nameAt(5)] = claimAt(text, index, 5)
  if (count > 6) claims[nameAt(6)] = claimAt(text, index, 6)
  for (let n = 7; n < count; n += 1) claims[nameAt(n)] = claimAt(text, index, n)
  return claims
}

function nameAt(n: number): string {
  return lastNames[n] ?? ''
}

function claimAt(text: string, index: Uint32Array, n: number): JsonValue {
  const at = HEADER_LENGTH + n * FIELDS_PER_CLAIM
  const kind = index[at + 4]
  const first = numberAt(index, at + 2)
  const second = numberAt(index, at + 3)
  if (kind === KIND_INTEGER) return first + second * 2 ** 32
  const piece = text.substring(first, first + second)
  return kind === KIND_STRING ? piece : (JSON.parse(piece) as JsonValue)
}

function readNames(text: string, index: Uint32Array): void {
  lastNames = []
  for (let n = 0; n < numberAt(index, 0); n += 1) {
    const at = HEADER_LENGTH + n * FIELDS_PER_CLAIM
    const start = numberAt(index, at)
    const name = text.substring(start, start + numberAt(index, at + 1))
    // `Object.keys` gives the string that V8 keeps for the name of a property. A substring would be
    // looked up again at each store.
    lastNames.push(...Object.keys({ [name]: 0 }))
  }
  lastNamesNumber = numberAt(index, 1)
  lastInstance = instanceNumber()
}

/** Reads an element that the core has written, and that is therefore never missing. */
function numberAt(index: Uint32Array, n: number): number {
  return index[n] ?? 0
}
