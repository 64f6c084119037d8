// Requests per second of a protected route, by wrk: beside the same route for everybody, and protected by others; on Node and
// in workerd. A line says nanoseconds a request, so a ratio of 0.9 beside `no sessions` is nine tenths of its requests per
// second. The best round of each counts: wrk and the server share the machine with whatever else runs, and that only ever
// takes away.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startWorkerd, workerdProgram } from './web-workerd.mjs'

const SECONDS = 2
const ROUNDS = 5
const PEERS = { none: 'no sessions', jose: 'jose', 'iron-session': 'iron-session' }
const VARIANTS = ['portcullis', ...Object.keys(PEERS)]

/** `watches`: what prints for node, and for workerd. */
export async function webBenches({ node, workerd }) {
  if (spawnSync('wrk', ['--version']).error !== undefined) return console.error('SKIPPED web: there is no wrk on this machine (on Debian or Ubuntu: apt-get install wrk)')
  const servers = await Promise.all(VARIANTS.map(start))
  measure(servers, node)
  for (const { child } of servers) child.stdin.end()

  const program = workerdProgram()
  if (program === undefined) return console.error('SKIPPED web in workerd: npm has none for this platform')
  const running = await startWorkerd(program, VARIANTS)
  try {
    measure(running.servers, workerd)
  } finally {
    running.stop()
  }
}

function measure(servers, { print }) {
  const times = Object.fromEntries(servers.map(({ variant }) => [variant, []]))
  // A round that is not measured: an engine compiles what runs often anew, and better.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { variant, port, cookie } of servers) {
      const perSecond = load(port, cookie)
      if (round > 0) times[variant].push(1e9 / perSecond)
    }
  }
  for (const [variant, name] of Object.entries(PEERS)) print('protected-route', Math.min(...times.portcullis), name, Math.min(...times[variant]))
}

async function start(variant) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('web-server.mjs', import.meta.url)), variant], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  return { variant, child, ...JSON.parse(value) }
}

/** What a browser sends, by 32 connections. */
function load(port, cookie) {
  const headers = { cookie, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', accept: 'text/html', 'accept-language': 'en', 'accept-encoding': 'gzip, br', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const words = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const { stdout } = spawnSync('wrk', ['-t1', '-c32', `-d${SECONDS}s`, ...words, `http://127.0.0.1:${port}/here`], { encoding: 'utf8', timeout: 30_000 })
  const perSecond = Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(stdout)?.[1])
  if (!(perSecond > 0) || stdout.includes('Non-2xx')) throw new Error(`wrk said\n${stdout}`)
  return perSecond
}
