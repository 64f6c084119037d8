// The shared suite on Deno.
import { DatabaseSync } from 'node:sqlite'
import { denoKvStore } from 'portcullis/stores/deno-kv'
import { memoryStore } from 'portcullis/stores/memory'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { cases as adapters } from '../adapters/direct.mjs'
import { run } from '../suite/index.mjs'
import { cases as kvCases, LARGEST_BYTES } from './deno-kv.mjs'
import { report } from './report.mjs'

const kv = await Deno.openKv(':memory:')
const closed = await Deno.openKv(':memory:')
closed.close()
const stores = [
  { name: 'memory', open: memoryStore },
  { name: 'node:sqlite', open: () => sqliteStore(new DatabaseSync(':memory:')) },
  {
    name: 'Deno KV',
    open: () => denoKvStore(kv),
    rounds: 200,
    conformance: { maxValueBytes: LARGEST_BYTES, openUnreachableStore: () => denoKvStore(closed) },
  },
]
const result = await run({
  name: 'deno',
  filter: Deno.args[0],
  stores,
  more: [...kvCases(kv), ...adapters],
})
Deno.exit(report({ suite: 'deno', engine: 'Deno', version: Deno.version.deno, ...result }) ? 0 : 1)
