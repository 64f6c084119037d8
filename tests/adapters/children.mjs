// These cases run Deno.serve and Bun.serve, each in its own process.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { casesOf } from './flow.mjs'

const tests = fileURLToPath(new URL('..', import.meta.url))

/**
 * Each entry is [name, path of the program that npm installed, arguments]. Deno may connect to
 * 127.0.0.1 only, so that a test cannot reach the network.
 */
const ENGINES = [
  ['Deno.serve', brought('@deno', 'deno'), [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-remote',
    '--node-modules-dir=manual',
    '--allow-read=.',
    '--allow-net=127.0.0.1',
  ]],
  ['Bun.serve', brought('@oven', 'bin/bun'), ['run', '--no-install']],
]

const found = ENGINES.filter(([, program]) => program !== undefined)
export const cases = found.flatMap(([name, program, words]) =>
  casesOf(name, () => opened(program, words))
)
export const skipped = ENGINES.filter((engine) => !found.includes(engine)).map(([name]) => ({
  name,
  why: 'npm has no program for this platform',
}))

async function opened(program, words) {
  const env = {
    ...process.env,
    DENO_DIR: join(tests, '..', 'target', 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
    DO_NOT_TRACK: '1',
  }
  const child = spawn(program, [...words, 'adapters/serve.mjs'], {
    cwd: tests,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const [line] = await Promise.race([
    createInterface({ input: child.stdout })[Symbol.asyncIterator]().next().then((
      { value },
    ) => [value]),
    ended.then(() => []),
  ])
  if (line === undefined) throw new Error(`${program} ended before it printed its port`)
  const origin = `http://127.0.0.1:${JSON.parse(line).port}`
  const tell = (verb) => (word = '') =>
    fetch(`${origin}/control/${verb}?${word}`, { method: 'POST' })
  const close = () => {
    child.stdin.end()
    return ended
  }
  const control = Object.fromEntries(
    ['advance', 'revokeAll', 'down', 'stopClock'].map((verb) => [verb, tell(verb)]),
  )
  return { origin, send: (request) => fetch(request, { redirect: 'manual' }), control, close }
}

function brought(scope, file) {
  const folder = join(tests, 'node_modules', scope)
  if (!existsSync(folder)) return undefined
  return readdirSync(folder).map((name) => join(folder, name, file)).find((name) =>
    existsSync(name)
  )
}
