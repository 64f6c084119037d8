// Runs the examples of docs/frameworks.md, each with the shared file, and uses a session on each.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, freePort, withServer } from './served.mjs'

const tests = dirname(dirname(fileURLToPath(import.meta.url)))
const page = readFileSync(join(tests, '..', 'docs', 'frameworks.md'), 'utf8')

/** Hono needs an adapter to be served. This one is for node:http. */
const HONO_SERVER = `
import { createServer } from 'node:http'
import { sendResponse, toRequest } from 'portcullis/node'
import app from './hono.js'

createServer(async (incoming, outgoing) => {
  sendResponse(await app.fetch(toRequest(incoming)), outgoing)
}).listen(3000, '127.0.0.1')
`

const node = () => [process.execPath]
/** [the example, the code that starts it, further checks]. */
const EXAMPLES = [
  ['node.js', node, signOut],
  ['hono.js', node, openPages],
  ['express.js', node, openPages],
  ['fastify.js', node, openPages],
  [
    'deno.js',
    () =>
      engine('@deno', 'deno', [
        'run',
        '--quiet',
        '--no-prompt',
        '--no-remote',
        '--node-modules-dir=manual',
        '--allow-read',
        '--allow-env',
        '--allow-net=127.0.0.1',
      ]),
    signOut,
  ],
  ['bun.js', () => engine('@oven', 'bin/bun', ['run', '--no-install']), bunPages],
]

export function frameworkChecks(folder, makeSecret) {
  const found = EXAMPLES.map(([name, start, more]) => ({ name, words: start(), more }))
  const checks = found.filter(({ words }) => words !== undefined).map(({ name, words, more }) => ({
    name: `docs/frameworks.md: ${name} has 15 to 25 lines, signs in, greets and signs out`,
    run: () => runExample(folder, makeSecret, name, words, more),
  }))
  const skipped = found.filter(({ words }) => words === undefined).map(({ name }) => ({
    name,
    why: 'npm has no program for this platform',
  }))
  return { checks, skipped }
}

async function runExample(folder, makeSecret, name, words, more) {
  const code = example(name)
  const lines = code.split('\n').filter((line) => line.trim() !== '').length
  if (lines < 15 || lines > 25) throw new Error(`the example has ${lines} lines`)
  // Only the port is changed, because another server may use 3000.
  const port = await freePort()
  const files = {
    'package.json': '{ "type": "module" }',
    'sessions.js': example('sessions.js'),
    [name]: code,
    'hono-server.js': HONO_SERVER,
  }
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(folder, file), text.replaceAll('3000', port))
  }
  const env = {
    ...process.env,
    SESSION_SECRET: makeSecret(),
    INDEX_SECRET: makeSecret(),
    DENO_DIR: join(tests, '..', 'target', 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
    DO_NOT_TRACK: '1',
  }
  await withServer(
    folder,
    [...words, join(folder, name === 'hono.js' ? 'hono-server.js' : name)],
    env,
    `http://localhost:${port}`,
    more,
  )
}

function example(name) {
  const code = page.split(`<!-- executed: ${name} -->`)[1]?.match(/```js\n([\s\S]*?)```/)?.[1]
  if (code === undefined) throw new Error(`there is no example "${name}"`)
  return code
}

function engine(scope, file, words) {
  const folder = join(tests, 'node_modules', scope)
  const program = existsSync(folder)
    ? readdirSync(folder).map((name) => join(folder, name, file)).find((name) => existsSync(name))
    : undefined
  return program === undefined ? undefined : [program, ...words]
}

async function signOut(visit) {
  const out = await visit('/session/sign-out', 'POST')
  expect(out.status, 204, 'the sign-out')
  expect(
    out.headers.getSetCookie().every((line) => line.includes('Max-Age=0')),
    true,
    'cleared cookies',
  )
}

async function openPages(visit) {
  expect(await (await visit('/open', 'GET', '')).text(), 'Welcome', 'the open page')
  expect(await (await visit('/open')).text(), 'Welcome back user-1', 'the open page with a session')
  const left = await visit('/leave', 'POST')
  expect(
    [left.status, left.headers.get('location'), left.headers.getSetCookie().length > 1].join(),
    '302,/open,true',
    'leaving',
  )
  await signOut(visit)
}

async function bunPages(visit) {
  expect(await (await visit('/about', 'GET', '')).text(), 'About us', 'the public page')
  expect((await (await visit('/notes', 'POST')).json()).of, 'user-1', 'whose note')
  expect((await visit('/nowhere')).status, 404, 'a missing page')
  await signOut(visit)
}
