/**
 * Claims as an object without a prototype: no name in a token can reach anything of ours.
 *
 * The core has read the claims already and says where each member is, so they are cut out instead
 * of being read again: 0.3 us where `JSON.parse` and `Object.setPrototypeOf` take 0.85 (eight
 * members, Node 24).
 */
import * as sharedBuffer from './shared-buffer.js'
import type { Claims, Json } from './types.js'
import { instanceNumber } from './wasm.js'

/** What src/wasm/desk.rs writes: how many, the number of their names, and five fields for each. */
const HEADER_LENGTH = 2
const FIELDS_PER_CLAIM = 5
const KIND_STRING = 1
const KIND_INTEGER = 2

/**
 * The names that were read last, under which number, in which instance: a string that was cut out
 * has to be looked up before it can name a property.
 */
let lastNames: string[] = []
let lastNamesNumber = -1
let lastInstance = -1

/** The claims that lie on the desk, so many bytes. */
export function decodeClaims(length: number): Claims {
  const text = sharedBuffer.readText(length)
  const index = sharedBuffer.claimIndex()
  const count = numberAt(index, 0)
  if (count === 0) return Object.setPrototypeOf(JSON.parse(text), null) as Claims
  if (index[1] !== lastNamesNumber || lastInstance !== instanceNumber()) readNames(text, index)
  // Not Object.create(null): V8 makes a dictionary of that, which takes longer to fill.
  const claims = Object.setPrototypeOf({}, null) as Claims
  // Not a loop for the first seven: V8 optimises each of these stores for its one name (measured:
  // see performance.md, Decoding claims).
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

function claimAt(text: string, index: Uint32Array, n: number): Json {
  const at = HEADER_LENGTH + n * FIELDS_PER_CLAIM
  const kind = index[at + 4]
  const first = numberAt(index, at + 2)
  const second = numberAt(index, at + 3)
  if (kind === KIND_INTEGER) return first + second * 2 ** 32
  const piece = text.substring(first, first + second)
  return kind === KIND_STRING ? piece : (JSON.parse(piece) as Json)
}

function readNames(text: string, index: Uint32Array): void {
  lastNames = []
  for (let n = 0; n < numberAt(index, 0); n += 1) {
    const at = HEADER_LENGTH + n * FIELDS_PER_CLAIM
    const start = numberAt(index, at)
    const name = text.substring(start, start + numberAt(index, at + 1))
    // As V8 keeps the names of properties: a string that was cut out is looked up at every store.
    lastNames.push(...Object.keys({ [name]: 0 }))
  }
  lastNamesNumber = numberAt(index, 1)
  lastInstance = instanceNumber()
}

/** The core has written the whole index, so no element of it is ever missing. */
function numberAt(index: Uint32Array, n: number): number {
  return index[n] ?? 0
}
