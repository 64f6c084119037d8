// The benches on Node. measure.mjs explains the lines of the output.
import { spawnSync } from 'node:child_process'
import * as nodeCrypto from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { generateSecret } from 'portcullis'
import { decideBenches } from './decide.mjs'
import { median, stopwatch } from './measure.mjs'
import { scoringBenches } from './scoring.mjs'
import { sessionBenches } from './sessions.mjs'
import { tokenBenches } from './tokens.mjs'
import { webBenches } from './web.mjs'

const watch = stopwatch(`node ${process.versions.node}`, () => performance.now(), console.log)

/**
 * Measures the import of the package and the construction of sessions in a new process each time,
 * as in a cold start.
 */
function coldStart() {
  const script = `
    const before = performance.now()
    const { createSessions } = await import('portcullis')
    const ring = [{ id: 'k', secret: '${generateSecret()}' }]
    const keys = { ring, storeKeySecret: '${generateSecret()}' }
    createSessions({ issuer: 'https://app.example', keys, store: { get() {}, swap() {} } })
    console.log(performance.now() - before)`
  const once = () =>
    Number(
      spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        encoding: 'utf8',
      }).stdout,
    )
  watch.print('import-and-construct', median(Array.from({ length: 11 }, once)) * 1e6, null, null)
}

/** An argument runs only the group with this name or beginning. */
const [only = '', ...more] = process.argv.slice(2)
const groups = {
  'cold-start': coldStart,
  sessions: () => sessionBenches(watch, nodeCrypto),
  decide: () => decideBenches(watch),
  scoring: () => scoringBenches(watch),
  tokens: () => tokenBenches(watch, { ...nodeCrypto, Buffer }),
  web: () =>
    webBenches({
      node: watch,
      workerd: stopwatch('workerd', () => performance.now(), console.log),
    }),
}
/**
 * These groups run only by their whole name, because they take many minutes and need engines that
 * may not be installed. `stores redis` runs one engine.
 */
const onRequest = { stores: async () => (await import('./stores.mjs')).storeBenches(watch, more) }
if (only in onRequest) await onRequest[only]()
else for (const [name, run] of Object.entries(groups)) if (name.startsWith(only)) await run()
