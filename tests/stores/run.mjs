// This program tests the stores on their real engines. Each store runs the conformance suite, the
// lifecycle of a session, many users at once, and faults. An engine that is not installed is
// skipped and named, but is a failure in CI.
import { report } from '../runtimes/report.mjs'
import { onStore, runAll } from '../suite/index.mjs'
import { denoKv } from './deno-kv.mjs'
import { dynamodb } from './dynamodb.mjs'
import { MissingEngine } from './engine.mjs'
import { postgres } from './postgres.mjs'
import { redisOnBun } from './redis-bun.mjs'
import { redis } from './redis.mjs'
import { sqlite } from './sqlite.mjs'
import { upstash } from './upstash.mjs'

/**
 * Each function starts an engine and gives { version, stores, cases, stop }. `node stores/run.mjs
 * NAME...` runs only the named engines.
 */
const ENGINES = {
  'deno-kv': denoKv,
  dynamodb,
  postgres,
  redis,
  'redis-bun': redisOnBun,
  sqlite,
  upstash,
}

const wanted = process.argv.slice(2)
const result = { passed: 0, failed: [], skipped: [] }
const versions = []
for (const [name, start] of Object.entries(ENGINES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  await onEngine(name, start)
}
const good = report({ suite: 'stores', engine: versions.join(', '), version: '', ...result })
process.exit(good ? 0 : 1)

async function onEngine(name, start) {
  let engine
  try {
    engine = await start()
    versions.push(engine.version)
    const runtime = { name, stores: engine.stores }
    const all = [
      ...engine.stores.flatMap((store) => onStore(runtime, store)),
      ...(engine.cases ?? []),
    ]
    const { passed, failed } = await runAll(all, printLine)
    result.passed += passed
    result.failed.push(...failed)
  } catch (error) {
    if (error instanceof MissingEngine && !process.env.CI) {
      result.skipped.push({ name, why: error.message })
    } else result.failed.push({ name: `${name} can be used`, message: error.stack })
  } finally {
    await engine?.stop()
  }
}

function printLine({ name, ok, ms }) {
  if (!ok || ms > 1000) console.log(`${ok ? 'passed' : 'FAILED'} in ${Math.round(ms)} ms: ${name}`)
}
