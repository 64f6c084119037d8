// These cases run Deno KV on files in separate Deno processes, so that a test can kill the engine.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MissingEngine, program } from './engine.mjs'
import { faults } from './faults.mjs'
import { EngineProcess } from './process.mjs'

const TESTS = fileURLToPath(new URL('..', import.meta.url))
const FLAGS = [
  'run',
  '--quiet',
  '--no-prompt',
  '--no-remote',
  '--node-modules-dir=manual',
  '--unstable-kv',
  '--allow-env',
]

export async function denoKv() {
  const deno = brought() ?? program('deno')
  if (deno === undefined) {
    throw new MissingEngine(
      'Deno',
      'npm has none for this platform: install it from https://deno.com',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-deno-kv-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const processes = []
  const start = async (file) => {
    const flags = [...FLAGS, `--allow-read=${TESTS},${folder}`, `--allow-write=${folder}`]
    const one = await EngineProcess.start({
      script: join(TESTS, 'stores/deno-kv-process.mjs'),
      args: [join(folder, file)],
      program: deno,
      flags,
    })
    processes.push(one)
    return one
  }
  const [one, two, gone, engine] = [
    await start('shared.db'),
    await start('shared.db'),
    await start('gone.db'),
    await start('faults.db'),
  ]
  await gone.kill()

  // Deno KV accepts 64 KiB per value, and the store needs 16 bytes of these.
  const conformance = {
    openSecondConnection: () => two.store,
    openUnreachableStore: () => gone.store,
    maxValueBytes: 65_520,
  }
  const disturbances = {
    'is killed and started again': () => engine.kill().then(() => engine.start()),
  }
  return {
    version: /deno \S+/.exec(execFileSync(deno, ['--version'], { encoding: 'utf8' }))[0],
    stores: [{ name: 'Deno KV, two processes on one file', open: () => one.store, conformance }],
    cases: faults({ name: 'Deno KV', open: () => engine.store, disturbances }),
    stop: () => Promise.all(processes.map((one) => one.kill())),
  }
}

/** The path of Deno. npm has one package for each platform and installs only the matching one. */
function brought() {
  const scope = join(TESTS, 'node_modules/@deno')
  const names = existsSync(scope) ? readdirSync(scope) : []
  return names.map((name) => join(scope, name, 'deno')).find((file) => existsSync(file))
}
