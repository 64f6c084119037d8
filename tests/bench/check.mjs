// node bench/check.mjs: runs each bench that needs no server for one call, and resolves the imports
// of all benches. A bench that no longer fits the package fails here, and not months later at a
// measurement. The last line of the output is JSON.
import { build } from 'esbuild'
import * as nodeCrypto from 'node:crypto'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { report } from '../runtimes/report.mjs'
import { decideBenches } from './decide.mjs'
import { scoringBenches } from './scoring.mjs'
import { sessionBenches } from './sessions.mjs'
import { tokenBenches } from './tokens.mjs'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const RUNNABLE = {
  decide: decideBenches,
  scoring: scoringBenches,
  sessions: (watch) => sessionBenches(watch, nodeCrypto),
  tokens: (watch) => tokenBenches(watch, { ...nodeCrypto, Buffer }),
}

const result = { passed: 0, failed: [], skipped: [] }

async function check(name, run) {
  try {
    await run()
    result.passed += 1
  } catch (error) {
    result.failed.push({ name, message: error.stack })
  }
}

/** A stopwatch that calls each function once and measures nothing. */
const watchOnce = {
  async compare(bench, ours, peer, peerRun, { prepare = () => [] } = {}) {
    await check(`${bench} beside ${peer ?? 'nothing'}`, async () => {
      for (const run of [ours, peerRun].filter(Boolean)) {
        const [argument] = await prepare(1)
        const answer = (await run(argument, 0)) ?? 0
        if (Number.isNaN(answer)) throw new Error('the function did not do its work')
      }
    })
  },
  print() {},
}

const resolveImports = (file) =>
  build({
    entryPoints: [file],
    absWorkingDir: FOLDER,
    bundle: true,
    write: false,
    logLevel: 'silent',
    format: 'esm',
    platform: 'node',
    conditions: ['workerd'],
    external: ['cloudflare:*', '*.wasm'],
    plugins: [{
      name: 'other-packages',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^[a-z@]/ }, ({ path }) =>
          path.startsWith('portcullis') ? undefined : { path, external: true }),
    }],
  })

for (const [name, run] of Object.entries(RUNNABLE)) await check(name, () => run(watchOnce))
const files = readdirSync(FOLDER, { recursive: true }).filter((file) => file.endsWith('.mjs'))
for (const file of files) await check(`imports of ${file}`, () => resolveImports(file))

const engine = { engine: 'Node.js', version: process.versions.node }
process.exitCode = report({ suite: 'bench', ...engine, ...result }) ? 0 : 1
