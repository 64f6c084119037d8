// The shared suite on Deno.
import { run } from '../suite/index.mjs'
import { memoryStore } from 'portcullis/stores/memory'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { DatabaseSync } from 'node:sqlite'
import { report } from './report.mjs'

const stores = [
  { name: 'memory', open: memoryStore },
  { name: 'node:sqlite', open: () => sqliteStore(new DatabaseSync(':memory:')) },
]
const result = await run({ name: 'deno', stores })
Deno.exit(report({ suite: 'deno', engine: 'Deno', version: Deno.version.deno, ...result }) ? 0 : 1)
