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
  const count = index[0]!
  if (count === 0) return Object.setPrototypeOf(JSON.parse(text), null) as Claims
  if (index[1] !== lastNamesNumber || lastInstance !== instanceNumber()) readNames(text, index)
  // Not Object.create(null): V8 makes a dictionary of that, which takes longer to fill.
  const claims = Object.setPrototypeOf({}, null) as Claims
  // One by one, V8 learns at each place the one name that is stored there: 0.2 us for seven
  // members, 0.26 in a loop.
  if (count > 0) claims[lastNames[0]!] = decodeClaim(text, index, HEADER_LENGTH)
  if (count > 1) claims[lastNames[1]!] = decodeClaim(text, index, HEADER_LENGTH + FIELDS_PER_CLAIM)
  if (count > 2) {
    claims[lastNames[2]!] = decodeClaim(text, index, HEADER_LENGTH + 2 * FIELDS_PER_CLAIM)
  }
  if (count > 3) {
    claims[lastNames[3]!] = decodeClaim(text, index, HEADER_LENGTH + 3 * FIELDS_PER_CLAIM)
  }
  if (count > 4) {
    claims[lastNames[4]!] = decodeClaim(text, index, HEADER_LENGTH + 4 * FIELDS_PER_CLAIM)
  }
  if (count > 5) {
    claims[lastNames[5]!] = decodeClaim(text, index, HEADER_LENGTH + 5 * FIELDS_PER_CLAIM)
  }
  if (count > 6) {
    claims[lastNames[6]!] = decodeClaim(text, index, HEADER_LENGTH + 6 * FIELDS_PER_CLAIM)
  }
  for (let n = 7; n < count; n += 1) {
    claims[lastNames[n]!] = decodeClaim(text, index, HEADER_LENGTH + n * FIELDS_PER_CLAIM)
  }
  return claims
}

function decodeClaim(text: string, index: Uint32Array, at: number): Json {
  const kind = index[at + 4]
  const one = index[at + 2]!
  const two = index[at + 3]!
  if (kind === KIND_INTEGER) return one + two * 2 ** 32
  const piece = text.substring(one, one + two)
  return kind === KIND_STRING ? piece : (JSON.parse(piece) as Json)
}

function readNames(text: string, index: Uint32Array): void {
  const found: string[] = []
  for (let n = 0, at = HEADER_LENGTH; n < index[0]!; n += 1, at += FIELDS_PER_CLAIM) {
    const name = text.substring(index[at]!, index[at]! + index[at + 1]!)
    // As V8 keeps the names of properties: a string that was cut out is looked up at every store.
    found.push(Object.keys({ [name]: 0 })[0]!)
  }
  lastNames = found
  lastNamesNumber = index[1]!
  lastInstance = instanceNumber()
}
