// The shared suite on Bun.
import { Database } from 'bun:sqlite'
import { memoryStore } from 'portcullis/stores/memory'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { cases as adapters } from '../adapters/direct.mjs'
import { refusals } from '../stores/sqlite-errors.mjs'
import { run } from '../suite/index.mjs'
import { report } from './report.mjs'

const stores = [
  { name: 'memory', open: memoryStore },
  { name: 'bun:sqlite', open: () => sqliteStore(new Database(':memory:')) },
]
const open = (file, readOnly) =>
  new Database(file, readOnly ? { readonly: true } : { readwrite: true, create: true })
const result = await run({
  name: 'bun',
  filter: process.argv[2],
  stores,
  more: [...refusals('bun:sqlite', open), ...adapters],
})
process.exit(report({ suite: 'bun', engine: 'Bun', version: Bun.version, ...result }) ? 0 : 1)
