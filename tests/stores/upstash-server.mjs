// This server speaks the REST protocol of Upstash in front of a Redis server, following the
// documentation and the client @upstash/redis. A command is a JSON array that is posted to /. A
// list of commands is an array of such arrays that is posted to /pipeline. A client can ask for
// strings in base64. Limits and replicas are left out.
import { Redis } from 'ioredis'
import { createServer } from 'node:http'
import { CuttableProxy } from './engine.mjs'

export class UpstashServer {
  #server
  #redis
  /** This array lists the names of all received commands in order. */
  commands = []

  static async start({ redisPort, token }) {
    const server = new UpstashServer()
    server.#redis = new Redis(redisPort, '127.0.0.1', {
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: () => 50,
    })
    server.#redis.on('error', () => {})
    server.#server = createServer((request, response) => server.#answer(request, response, token))
    await new Promise((resolve, reject) =>
      server.#server.on('error', reject).listen(0, '127.0.0.1', resolve)
    )
    server.#server.unref()
    server.wire = await CuttableProxy.to(server.#server.address().port)
    await new Promise((resolve) => server.#redis.once('ready', resolve))
    return server
  }

  get port() {
    return this.#server.address().port
  }

  async stop() {
    await this.wire.close()
    this.#redis.disconnect()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request, response, token) {
    const answer = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json', 'upstash-sync-token': 'x' })
        .end(JSON.stringify(body))
    try {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      if (request.headers.authorization !== `Bearer ${token}`) {
        return answer(401, { error: 'WRONGPASS invalid or missing auth token' })
      }
      if (request.method !== 'POST' || !['/', '/pipeline'].includes(request.url)) {
        return answer(404, { error: 'ERR no such path here' })
      }
      const asked = JSON.parse(Buffer.concat(chunks).toString())
      const encoded = request.headers['upstash-encoding'] === 'base64'
      const results = await Promise.all(
        (request.url === '/' ? [asked] : asked).map((command) => this.#run(command, encoded)),
      )
      if (request.url === '/pipeline') answer(200, results)
      else answer(results[0].error === undefined ? 200 : 400, results[0])
    } catch {
      // The database is down, or the connection was cut during the request.
      answer(503, { error: 'ERR the database cannot be reached' })
    }
  }

  async #run([name, ...parameters], encoded) {
    this.commands.push(name.toLowerCase())
    try {
      return { result: plain(await this.#redis.callBuffer(name, parameters.map(String)), encoded) }
    } catch (error) {
      if (error.name !== 'ReplyError') throw error
      return { error: error.message }
    }
  }
}

/** JSON has no bytes, so this function turns the bytes of a reply into strings. */
function plain(reply, encoded) {
  if (Array.isArray(reply)) return reply.map((one) => plain(one, encoded))
  return Buffer.isBuffer(reply) ? reply.toString(encoded ? 'base64' : 'utf8') : reply
}
