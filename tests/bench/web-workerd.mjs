// The route in real workerd, which runs as its own program with one isolate for each variant. The
// sockets listen on this machine only.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const READY_MS = 30_000

/**
 * The program in the package of npm for this platform. The main package would copy it in an install
 * script, which is not run. Without such a package the result is undefined.
 */
export function workerdProgram() {
  const scope = here('../node_modules/@cloudflare')
  const name = readdirSync(scope).find((one) => one.startsWith('workerd-'))
  return name === undefined ? undefined : join(scope, name, 'bin/workerd')
}

/** Serves every variant. `stop` ends the program and removes its files. */
export async function startWorkerd(program, variants) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-workerd-'))
  let child
  const stop = () => {
    child?.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', stop)
  try {
    await bundle(folder)
    writeFileSync(join(folder, 'config.capnp'), config(variants))
    child = spawn(program, ['serve', '--control-fd=3', join(folder, 'config.capnp')], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    const ports = await listening(child, variants.length)
    const servers = await Promise.all(variants.map(async (variant) => {
      const port = ports.get(variant)
      return {
        variant,
        pid: child.pid,
        port,
        cookie: await (await fetch(`http://127.0.0.1:${port}/cookie`)).text(),
      }
    }))
    return { servers, stop }
  } catch (error) {
    stop()
    throw error
  }
}

/**
 * Bundles the worker as it is deployed: one module, and the core beside it, which the runtime
 * compiles.
 */
async function bundle(folder) {
  const { build } = createRequire(import.meta.url)('esbuild')
  const core = {
    name: 'core',
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.wasm$/ }, () => ({ path: './core.wasm', external: true })),
  }
  await build({
    entryPoints: [here('workerd/web-worker.mjs')],
    outfile: join(folder, 'worker.mjs'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    plugins: [core],
    logLevel: 'error',
  })
  copyFileSync(here('../node_modules/portcullis/wasm/core_bg.wasm'), join(folder, 'core.wasm'))
}

function config(variants) {
  const services = variants.map((name) =>
    `(name = "${name}", worker = (
      modules = [
        (name = "worker.mjs", esModule = embed "worker.mjs"),
        (name = "core.wasm", wasm = embed "core.wasm")
      ],
      compatibilityDate = "2026-10-01",
      bindings = [(name = "VARIANT", text = "${name}")]
    ))`
  )
  const sockets = variants.map((name) =>
    `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(', ')}],
  sockets = [${sockets.join(', ')}],
);
`
}

/** Reads the port of each socket from the output of the program. */
async function listening(child, count) {
  const ports = new Map()
  const late = setTimeout(() => child.kill(), READY_MS)
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { event, socket, port } = JSON.parse(line)
    if (event === 'listen') ports.set(socket, port)
    if (ports.size === count) break
  }
  clearTimeout(late)
  if (ports.size < count) throw new Error('workerd did not start')
  return ports
}
