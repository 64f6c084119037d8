// Some engines have no server: whoever opens the file is the engine. So that it can be killed, it
// gets a process of its own, which opens the file with a store of ours and answers get and swap,
// one message each.
import { Buffer } from 'node:buffer'
import { fork } from 'node:child_process'
import process from 'node:process'

/** The process, as its parent has it. */
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

  /** Starts it, also again. */
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

  /** Ends it amid whatever it does. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  /** What is called there: get, swap, and what disturbs. */
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
 * In the process: answers from now on, and ends with its parent. `verbs`: a store's, and what else
 * may be called.
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

/** Not every runtime sends bytes: they travel as text. */
const textIn = (one) => one && { ...one, value: Buffer.from(one.value).toString('base64') }
const bytesIn = (one) => one && { ...one, value: Uint8Array.from(Buffer.from(one.value, 'base64')) }
