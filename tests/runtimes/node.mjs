// The shared suite on Node.js, with every store that this Node can open.
import { existsSync, readFileSync } from 'node:fs'
import { memoryStore } from 'portcullis/stores/memory'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { cases as adapters, once as adaptersOnce } from '../adapters/cases.mjs'
import { cases as direct } from '../adapters/direct.mjs'
import { cases as clientCases } from '../suite/cases/client.mjs'
import { run } from '../suite/index.mjs'
import { report } from './report.mjs'
import { cases as sqliteCases } from './sqlite.mjs'
import { cases as toughCookie } from './tough-cookie.mjs'

const major = Number(process.versions.node.split('.')[0])
// The long versions run on the newer Node only.
const thorough = major >= 24
const rounds = thorough ? Number(process.env.PORTCULLIS_ROUNDS ?? 1000) : undefined
const stores = [{ name: 'memory', open: memoryStore, rounds }]
const skipped = []

const sqlite = process.getBuiltinModule?.('node:sqlite')
if (sqlite === undefined) {
  skipped.push({
    name: 'node:sqlite',
    why: `Node ${process.versions.node} has none: it needs 22.13 or newer`,
  })
} else {stores.push({
    name: 'node:sqlite',
    open: () => sqliteStore(new sqlite.DatabaseSync(':memory:')),
    rounds,
  })}

// The version is checked before the import: on an older Node the binary crashes the process.
if (major < 22) {
  skipped.push({
    name: 'better-sqlite3',
    why: `better-sqlite3 13 needs Node 22 or newer, and this is ${process.versions.node}`,
  })
} else {try {
    const { default: Database } = await import('better-sqlite3')
    new Database(':memory:').close()
    stores.push({
      name: 'better-sqlite3',
      open: () => sqliteStore(new Database(':memory:')),
      rounds,
    })
  } catch (error) {
    skipped.push({ name: 'better-sqlite3', why: String(error.message).split('\n')[0] })
  }}

if (thorough) skipped.push(...adaptersOnce.skipped)

const frameworks = [...adapters, ...direct, ...(thorough ? adaptersOnce.cases : [])]
const result = await run({
  name: 'node',
  filter: process.argv[2],
  stores,
  thorough,
  incidents: incidents(),
  more: [
    ...clientCases,
    ...(sqlite === undefined ? [] : sqliteCases),
    ...toughCookie.map(onMemory),
    ...frameworks,
  ],
})
const version = process.versions.node
const good = report({
  suite: `node${version.split('.')[0]}`,
  engine: 'Node.js',
  version,
  ...result,
  skipped: [...skipped, ...result.skipped],
})
process.exit(good ? 0 : 1)

/** A case that needs any store. */
function onMemory({ name, run }) {
  return { name, run: () => run({ runtime: { name: 'node' }, openStore: memoryStore }) }
}

/** The IDs of the incidents in the conformance data, if it is beside the repository. */
function incidents() {
  const file = new URL('../../../shared/vectors/rotation/incidents.json', import.meta.url)
  return existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8')).scenarios.map(({ id }) => id)
    : undefined
}
