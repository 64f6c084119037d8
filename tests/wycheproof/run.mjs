// Runs the Wycheproof vectors on the module of the package: `node wycheproof/run.mjs CASES`.
// cases.rs makes the cases.
import { readFileSync } from 'node:fs'
import 'portcullis'
import { knownAnswer } from 'portcullis/testing'
import { report } from '../runtimes/report.mjs'

const file = process.argv[2]
if (!file) {
  console.error('usage: node wycheproof/run.mjs CASES (cargo xtask test wycheproof writes them)')
  process.exit(2)
}

/** Whether an answer, in hexadecimal, is the expected result of a case. */
const right = {
  equal: (answer, expected) => answer === expected,
  begin: (answer, expected) => answer?.startsWith(expected) === true,
  differ: (answer, expected) => answer?.startsWith(expected) === false,
  refuse: (answer) => answer === undefined,
}

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'))

function computeAnswer({ primitive, parts }) {
  const answer = knownAnswer(primitive, parts.map(bytes))
  return answer && Buffer.from(answer).toString('hex')
}

function check(test) {
  try {
    const answer = computeAnswer(test)
    if (right[test.must](answer, test.expected)) return undefined
    return `must ${[test.must, test.expected].filter(Boolean).join(' ')}, and was ${
      answer ?? 'refused'
    }`
  } catch (error) {
    // An exception is a failure, because the core must reject every invalid part.
    return String(error.stack)
  }
}

let passed = 0
const failed = []
for (const test of JSON.parse(readFileSync(file, 'utf8'))) {
  const message = check(test)
  if (message === undefined) passed += 1
  else failed.push({ name: test.name, message })
}
const good = report({
  suite: 'wycheproof',
  engine: 'Node.js',
  version: process.versions.node,
  passed,
  failed,
})
process.exitCode = good ? 0 : 1
