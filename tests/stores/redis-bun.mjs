// These cases use the Redis client of Bun. Node.js runs this file on Bun with a separate Redis
// server, and reports each result as a case.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { redisStore } from 'portcullis/stores/redis'
import { withTimeout } from 'portcullis/stores/wrappers'
import { onStore, runAll } from '../suite/index.mjs'
import { MissingEngine, program } from './engine.mjs'
import { throughClient } from './redis-client.mjs'
import { redisServer, redisVersion, SLOW_START } from './redis.mjs'

const MARK = 'RESULTS '

export async function redisOnBun() {
  const { version, results } = JSON.parse(await readResult())
  const cases = results.map(({ name, message }) => ({
    name,
    run() {
      if (message !== undefined) throw new Error(message)
    },
  }))
  return { version, stores: [], cases, stop() {} }
}

/** The process on Bun ends with this process, because then its standard input ends. */
function readResult() {
  const child = spawn(bun(), ['run', '--no-install', fileURLToPath(import.meta.url)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, DO_NOT_TRACK: '1' },
  })
  let text = ''
  let complaint = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  child.stderr.on('data', (chunk) => (complaint += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      const line = text.split('\n').find((one) => one.startsWith(MARK))
      if (line === undefined) reject(new Error(`Bun ended with ${code}:\n${text}${complaint}`))
      else resolve(line.slice(MARK.length))
    })
  })
}

/** The path of Bun. npm has one package for each platform and installs only the matching one. */
function bun() {
  const packages = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules/@oven')
  const files = (existsSync(packages) ? readdirSync(packages) : []).flatMap((name) =>
    ['bun', 'bun.exe'].map((file) => join(packages, name, 'bin', file))
  )
  const found = files.find((file) => existsSync(file)) ?? program('bun')
  if (found === undefined) {
    throw new MissingEngine('Bun', 'npm has none for this platform: install it from https://bun.sh')
  }
  return found
}

/** This function runs on Bun only. */
async function main() {
  process.stdin.on('end', () => process.exit(1)).resume()
  const server = await redisServer({ more: SLOW_START })
  const { stores, cases } = await throughClient({
    name: 'Redis with the client of Bun',
    server,
    connect,
    rounds: 5,
  })
  const results = []
  await runAll(
    [...stores.flatMap((store) => onStore({ name: 'bun', stores }, store)), ...cases],
    ({ name, message }) => results.push({ name, message }),
  )
  await server.stop()
  console.log(
    MARK + JSON.stringify({ version: `${redisVersion()} on Bun ${Bun.version}`, results }),
  )
  process.exit()
}

/**
 * This client has the recommended options. The client of Bun has no timeout for commands. After
 * some failures, the client connects again only on request.
 */
function connect(port) {
  const client = new Bun.RedisClient(`redis://127.0.0.1:${port}`, { connectionTimeout: 2000 })
  client.onclose = () => setTimeout(() => client.connect().catch(() => {}), 100)
  return withTimeout(redisStore(client), 2000)
}

if (process.versions.bun !== undefined) await main()
