// Real engines for the suites and the benchmarks: servers that are started on a free loopback port
// with their files in a temporary folder, that can be killed and started again, and that leave
// nothing behind.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const READY_WITHIN_MS = 30_000

// An end by a signal runs no "exit" listeners by itself, and those take the servers along.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))

/** An engine that is not installed, and how to get it. */
export class MissingEngine extends Error {
  constructor(engine, remedy) {
    super(`${engine} is missing. ${remedy}`)
    this.engine = engine
  }
}

/**
 * The first of some programs that is on PATH, or in one of the folders where distributions hide it.
 */
export function program(name, folders = []) {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...folders]
  return places.map((place) => join(place, name)).find((file) => existsSync(file))
}

/** A port of this machine that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/**
 * A server process. It is ready once somebody can connect to its port and `ready`, where there is
 * one, is content.
 */
export class Server {
  #options
  #child
  #ended

  /**
   * @param {{ name: string, program: string, args: (server: Server) => string[], prepare?: (server:
   * Server) => unknown, ready?: (server: Server) => unknown, user?: { uid: number, gid: number },
   * goodbye?: NodeJS.Signals }} options `goodbye`: the signal at which it ends at once and takes
   * along what would outlive it; `SIGKILL` where there is no such thing.
   */
  constructor(options) {
    this.#options = options
  }

  static async start(options) {
    const server = new Server(options)
    server.folder = mkdtempSync(join(tmpdir(), `portcullis-${options.name}-`))
    // Some servers refuse to run as root, and run as somebody who must get in.
    chmodSync(server.folder, 0o777)
    process.once('exit', () => server.#remove())
    server.port = await freePort()
    await options.prepare?.(server)
    await server.start()
    return server
  }

  /** Starts it, also again: on the same port and folder. */
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
   * Ends it as a power cut would. Its children have ended too: they hold its output open for as
   * long as they live.
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

/** Whether somebody listens on a port of this machine. */
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
 * A wire to a server of this machine, to be cut: clients connect to its port instead of the
 * server's.
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

  /** Cuts every connection, and says how many there were. New ones are made as before. */
  cut() {
    const count = this.#pairs.size
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
    return count
  }

  /** From now on nothing comes through, and nobody is told: until `mend`. */
  hush() {
    this.#dead = true
    for (const pair of this.#pairs) for (const socket of pair) socket.pause()
  }

  mend() {
    this.#dead = false
    for (const pair of this.#pairs) for (const socket of pair) socket.resume()
  }

  /**
   * The next thing that the server says is lost, and its connection with it: what was asked for is
   * done, and nobody hears.
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
