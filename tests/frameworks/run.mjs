// Builds every app with its framework, serves it, and runs the same steps. `run.mjs NAME...` runs
// only these apps. Without a name, documentation and types are checked too.
import { cpSync, existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { report } from '../runtimes/report.mjs'
import { APPS } from './apps.mjs'
import { BrowserClient } from './browser-client.mjs'
import { createAppContext, STEPS } from './flow.mjs'
import { PAGES } from './pages.mjs'
import { build, start } from './server.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const result = { passed: 0, failed: [] }

unpack()
if (wanted.length === 0) {
  for (const { name, run } of PAGES) await tryOnce(name, run)
  for (const { name, run } of (await import('./options.mjs')).CASES) {
    await tryOnce(`options: ${name}`, run)
  }
}
for (const app of APPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  await runApp(app)
}
const good = report({
  suite: 'frameworks',
  engine: 'Node.js',
  version: process.versions.node,
  ...result,
})
process.exit(good ? 0 : 1)

/** Copies the packed package, because bundlers resolve links to the real path of a file. */
function unpack() {
  const from = join(here, '..', 'node_modules', 'portcullis')
  const to = join(here, 'node_modules', 'portcullis')
  if (!existsSync(from)) {
    throw new Error('The package is not unpacked: run this by `cargo xtask test frameworks`.')
  }
  if (!existsSync(dirname(to))) {
    throw new Error('The frameworks are not installed: run `npm ci --ignore-scripts` here.')
  }
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, dereference: true })
}

async function runApp(app) {
  let server
  await tryOnce(`${app.name}: the build succeeds, and the server answers`, async () => {
    await build(app)
    server = await start(app)
  })
  if (server === undefined) return
  const world = createAppContext(app, server, BrowserClient)
  for (
    const { name, run } of STEPS.filter(({ needs }) =>
      needs === undefined || app[needs] !== undefined
    )
  ) await tryOnce(`${app.name}: ${name}`, () => run(world), server.output)
  await server.stop()
}

async function tryOnce(name, run, output = () => '') {
  const said = output().length
  try {
    await run()
    result.passed += 1
  } catch (error) {
    result.failed.push({
      name,
      message: `${error?.stack ?? error}\n${output().slice(said).slice(-3000)}`,
    })
  }
}
