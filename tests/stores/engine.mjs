// This file starts real engines for the suites and the benchmarks. Each server has a free loopback
// port and a temporary folder. A server can be killed and started again, and its files are removed
// at the end.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const READY_WITHIN_MS = 30_000

// A signal does not run the "exit" listeners by default, and these listeners stop the servers.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

/** This error names an engine that is not installed and tells how to install it. */
export class MissingEngine extends Error {
  constructor(engine, remedy) {
    super(`${engine} is missing. ${remedy}`)
    this.engine = engine
  }
}

/**
 * This function finds a program on PATH or in the given folders, because distributions do not put
 * every server on PATH.
 */
export function program(name, folders = []) {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...folders]
  return places.map((place) => join(place, name)).find((file) => existsSync(file))
}

/** This function finds a free port of this machine. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/**
 * This class runs a server process. The server is ready when its port accepts connections and the
 * optional `ready` succeeds.
 */
export class Server {
  #options
  #child
  #ended

  /**
   * @param {{ name: string, program: string, args: (server: Server) => string[], prepare?: (server:
   * Server) => unknown, ready?: (server: Server) => unknown, user?: { uid: number, gid: number },
   * goodbye?: NodeJS.Signals }} options `goodbye` is the signal that ends the server and its child
   * processes at once. The default is `SIGKILL`.
   */
  constructor(options) {
    this.#options = options
  }

  static async start(options) {
    const server = new Server(options)
    server.folder = mkdtempSync(join(tmpdir(), `portcullis-${options.name}-`))
    // Some servers refuse to run as root, so another account must be able to use the folder.
    chmodSync(server.folder, 0o777)
    process.once('exit', () => server.#remove())
    server.port = await freePort()
    await options.prepare?.(server)
    await server.start()
    return server
  }

  /**
   * This method starts the server. A second start uses the same port and folder, so that the data
   * is still there.
   */
  async start() {
    const { name, program, args, ready, user } = this.#options
    this.#child = spawn(program, args(this), {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    })
    let said = ''
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (text) => (said = (said + text).slice(-4000)))
    }
    let over = false
    this.#ended = new Promise((resolve) =>
      this.#child.on('close', resolve).on('error', (error) => {
        said += error
        resolve()
      })
    ).then(() => (over = true))
    const giveUpAt = performance.now() + READY_WITHIN_MS
    for (;;) {
      if (over || performance.now() > giveUpAt) throw new Error(`${name} did not start:\n${said}`)
      const isReady = await reachable(this.port)
        && (await Promise.resolve().then(() => ready?.(this)).then(() => true, () => false))
      if (isReady) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /**
   * This method kills the server, which can write nothing more, as in a power cut. The `close`
   * event also waits for the child processes, because they keep the output open.
   */
  async kill() {
    await this.#end('SIGKILL')
  }

  async stop() {
    await this.#end(this.#options.goodbye ?? 'SIGKILL')
    this.#remove()
  }

  async #end(signal) {
    this.#child.kill(signal)
    await this.#ended
  }

  #remove() {
    this.#child?.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

/** This function tells whether a server listens on a port of this machine. */
export function reachable(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}

/**
 * This proxy forwards connections to a local server. Clients connect to the proxy, so that a test
 * can cut the connections.
 */
export class CuttableProxy {
  #pairs = new Set()
  #server
  #dead = false
  #losing = false

  static async to(port) {
    const wire = new CuttableProxy()
    wire.#server = createServer((near) => wire.#join(near, port))
    await new Promise((resolve, reject) =>
      wire.#server.on('error', reject).listen(0, '127.0.0.1', resolve)
    )
    wire.#server.unref()
    wire.port = wire.#server.address().port
    return wire
  }

  /** This method cuts every connection and gives their number. New connections still work. */
  cut() {
    const count = this.#pairs.size
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    return count
  }

  /** This method keeps the connections open, but forwards no data until `mend`. */
  hush() {
    this.#dead = true
    for (const pair of this.#pairs) for (const socket of pair) socket.pause()
  }

  mend() {
    this.#dead = false
    for (const pair of this.#pairs) for (const socket of pair) socket.resume()
  }

  /**
   * This method loses the next answer of the server and ends its connection. The server has done
   * the work, but the client does not get the answer.
   */
  loseAnswer() {
    this.#losing = true
  }

  close() {
    this.cut()
    return new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near, port) {
    const far = connect(port, '127.0.0.1')
    const pair = [near, far]
    this.#pairs.add(pair)
    const over = () => {
      this.#pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const socket of pair) socket.on('error', over).on('close', over)
    far.on('data', () => {
      if (this.#losing) over()
      this.#losing = false
    })
    near.pipe(far)
    far.pipe(near)
    if (this.#dead) { for (const socket of pair) socket.pause() }
  }
}
