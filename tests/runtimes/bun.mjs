// The shared suite on Bun.
import { run } from '../suite/index.mjs'
import { memoryStore } from 'portcullis/stores/memory'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { Database } from 'bun:sqlite'
import { report } from './report.mjs'

const stores = [
  { name: 'memory', open: memoryStore },
  { name: 'bun:sqlite', open: () => sqliteStore(new Database(':memory:')) },
]
const result = await run({ name: 'bun', stores })
process.exit(report({ suite: 'bun', engine: 'Bun', version: Bun.version, ...result }) ? 0 : 1)
