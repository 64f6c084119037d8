// Some engines have no server, because the process that opens the file is the engine. This file
// runs such an engine in its own process, so that a test can kill the engine. The process opens the
// file with a store and answers each call of get and swap with one message.
import { Buffer } from 'node:buffer'
import { fork } from 'node:child_process'
import process from 'node:process'

/** The parent process controls the engine process with this class. */
export class EngineProcess {
  #options
  #child
  #calls = new Map()
  #last = 0

  /** @param {{ script: string, args: string[], program?: string, flags?: string[] }} options */
  static async start(options) {
    const one = new EngineProcess()
    one.#options = options
    await one.start()
    return one
  }

  /** This method can also start the process again after `kill`. */
  async start() {
    const { script, args, program: execPath = process.execPath, flags: execArgv = [] } =
      this.#options
    const child = fork(script, args, { execPath, execArgv })
    this.#child = child
    const ready = this.#answer(0)
    child.on('message', ({ id, answer, error }) => {
      const { resolve, reject } = this.#calls.get(id)
      this.#calls.delete(id)
      if (error === undefined) resolve(answer)
      else reject(Object.assign(new Error(error.message), error))
    })
    this.ended = new Promise((resolve) => child.on('error', resolve).on('close', resolve)).then(
      () => {
        for (const { reject } of this.#calls.values()) reject(new Error('the process ended'))
        this.#calls.clear()
      },
    )
    await ready
  }

  /** The process gets no chance to finish its work. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  /** This method calls get, swap, or a verb that causes a fault. */
  call(verb, ...given) {
    const id = (this.#last += 1)
    const answer = this.#answer(id)
    const failed = (error) => this.#calls.get(id)?.reject(error)
    if (this.#child.connected) {
      this.#child.send({ id, verb, given }, (error) => error && failed(error))
    } else failed(new Error('the process is gone'))
    return answer
  }

  get store() {
    return {
      capabilities: { swap: true },
      get: async (key) => bytesIn(await this.call('get', key)),
      swap: (key, revision, write) => this.call('swap', key, revision, textIn(write)),
    }
  }

  #answer(id) {
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }))
  }
}

/**
 * The engine process calls this function to answer its parent. The process ends when its parent
 * ends. `verbs` has the methods of a store, and other functions that the parent may call.
 */
export function serve(verbs) {
  const all = {
    ...verbs,
    get: async (key) => textIn(await verbs.get(key)),
    swap: (key, revision, write) => verbs.swap(key, revision, bytesIn(write)),
  }
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, verb, given }) => {
    const answer = await Promise.resolve().then(() => all[verb](...given)).then(
      (answer) => ({ answer }),
      ({ message, code }) => ({ error: { message, code } }),
    )
    if (process.connected) process.send({ id, ...answer })
  })
  process.send({ id: 0 })
}

/** Not every runtime can send bytes in messages, so bytes are sent as base64 text. */
const textIn = (one) => one && { ...one, value: Buffer.from(one.value).toString('base64') }
const bytesIn = (one) => one && { ...one, value: Uint8Array.from(Buffer.from(one.value, 'base64')) }
