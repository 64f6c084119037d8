// Builds an app by its framework, and serves the result on loopback with a clock of the tests.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const CLOCK = pathToFileURL(join(here, 'clock.mjs')).href
const BUILD_PATIENCE_MS = 180_000
const START_PATIENCE_MS = 30_000
const STOP_PATIENCE_MS = 5_000

/** Builds and servers must not use the network. */
const QUIET = {
  NEXT_TELEMETRY_DISABLED: '1',
  ASTRO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  CI: '1',
  NO_COLOR: '1',
  NODE_ENV: 'production',
}

const folderOf = ({ name }) => join(here, 'apps', name)
const program = (file) => join(here, 'node_modules', file)
// The server gets other secrets than the build, because a build must not contain its secrets.
const secrets = () => ({
  SESSION_SECRET: randomBytes(32).toString('base64url'),
  INDEX_SECRET: randomBytes(32).toString('base64url'),
})

/** Builds an app. An error has the output of the build. */
export async function build(app) {
  const [file, ...words] = app.build
  const child = spawn('nice', ['-n', '5', process.execPath, program(file), ...words], {
    cwd: folderOf(app),
    env: { ...process.env, ...QUIET, ...secrets() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { output, ended } = watch(child)
  const timer = setTimeout(() => child.kill(), BUILD_PATIENCE_MS)
  const code = await ended
  clearTimeout(timer)
  if (code !== 0) throw new Error(`the build ended with ${code}:\n${output().slice(-6000)}`)
}

/**
 * Starts a server and waits until it answers. The result has its address, its clock and a function
 * to stop it.
 */
export async function start(app) {
  const port = await freePort()
  const [file, ...words] = app.serve(String(port))
  const env = {
    ...process.env,
    ...QUIET,
    ...secrets(),
    PORT: String(port),
    HOST: '127.0.0.1',
    HOSTNAME: '127.0.0.1',
    NODE_OPTIONS: `--import=${CLOCK}`,
  }
  const script = app.isBuilt ? join(folderOf(app), file) : program(file)
  const child = spawn(process.execPath, [script, ...words], {
    cwd: folderOf(app),
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const { output, ended } = watch(child)
  const address = `http://127.0.0.1:${port}`
  await answering(address, child, output)
  return {
    address,
    output,
    advance: (seconds) => advance(child, seconds),
    stop: () => stop(child, ended),
  }
}

function watch(child) {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  const ended = new Promise((resolve) => child.once('close', resolve))
  // The server must not remain, however this run ends.
  process.once('exit', () => child.kill('SIGKILL'))
  return { output: () => text, ended }
}

async function answering(address, child, output) {
  const until = performance.now() + START_PATIENCE_MS
  while (performance.now() < until) {
    if (child.exitCode !== null) break
    const isUp = await fetch(address, { redirect: 'manual' }).then(
      (response) => response.text().then(() => true),
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  child.kill('SIGKILL')
  throw new Error(`the server did not answer:\n${output().slice(-6000)}`)
}

function advance(child, seconds) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      reject,
      START_PATIENCE_MS,
      new Error('the server does not confirm the new time'),
    )
    child.once('message', () => {
      clearTimeout(timer)
      resolve()
    })
    child.send({ advanceMs: seconds * 1000 })
  })
}

async function stop(child, ended) {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
  await ended
  clearTimeout(timer)
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
