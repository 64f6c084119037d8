// Requests per second of a protected route, by wrk: beside the same route for everybody, and
// protected by others; on Node and in workerd. A line says nanoseconds a request, so a ratio of 0.9
// beside `no sessions` is nine tenths of its requests per second. The best round of each counts:
// wrk and the server share the machine with whatever else runs, and that only ever takes away. On
// Linux `protected-route-cpu` says besides what processor time the server took for a request, the
// median of the rounds: where others compile, it is the steadier of the two.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { median } from './measure.mjs'
import { startWorkerd, workerdProgram } from './web-workerd.mjs'

const SECONDS = 1
const ROUNDS = 12
const WARM_UPS = 2
const PEERS = { none: 'no sessions', jose: 'jose', 'iron-session': 'iron-session' }
const VARIANTS = ['portcullis', ...Object.keys(PEERS)]

/** `watches`: what prints for node, and for workerd. */
export async function webBenches({ node, workerd }) {
  if (spawnSync('wrk', ['--version']).error !== undefined) {
    return console.error(
      'SKIPPED web: there is no wrk on this machine (on Debian or Ubuntu: apt-get install wrk)',
    )
  }
  const servers = await Promise.all(VARIANTS.map(start))
  measure(servers, node)
  for (const { child } of servers) child.stdin.end()

  const program = workerdProgram()
  if (program === undefined) {
    return console.error('SKIPPED web in workerd: npm has none for this platform')
  }
  const running = await startWorkerd(program, VARIANTS)
  try {
    measure(running.servers, workerd)
  } finally {
    running.stop()
  }
}

function measure(servers, { print }) {
  const rounds = Object.fromEntries(servers.map(({ variant }) => [variant, { times: [], cpu: [] }]))
  // The first rounds are not measured: an engine compiles what runs often anew, and better, if it
  // gets the time for it.
  for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
    for (const { variant, pid, port, cookie } of servers) {
      const before = cpuNanoseconds(pid)
      const { perSecond, requests } = load(port, cookie)
      if (round < 0) continue
      rounds[variant].times.push(1e9 / perSecond)
      rounds[variant].cpu.push((cpuNanoseconds(pid) - before) / requests)
    }
  }
  const compare = (bench, of) => {
    for (const [variant, name] of Object.entries(PEERS)) {
      print(bench, of(rounds.portcullis), name, of(rounds[variant]))
    }
  }
  compare('protected-route', ({ times }) => Math.min(...times))
  if (hasProc()) compare('protected-route-cpu', ({ cpu }) => median(cpu))
}

const hasProc = () => existsSync('/proc/self/stat')

/** Of a process with all its threads, in the kernel too. Linux counts in hundredths of a second. */
function cpuNanoseconds(pid) {
  if (!hasProc()) return Number.NaN
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(
    11,
    13,
  )
  return (Number(user) + Number(system)) * 1e7
}

async function start(variant) {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('web-server.mjs', import.meta.url)),
    variant,
  ], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  return { variant, child, pid: child.pid, ...JSON.parse(value) }
}

/** What a browser sends, by 32 connections. */
function load(port, cookie) {
  const headers = {
    cookie,
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    accept: 'text/html',
    'accept-language': 'en',
    'accept-encoding': 'gzip, br',
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
  const words = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const { stdout } = spawnSync('wrk', [
    '-t1',
    '-c32',
    `-d${SECONDS}s`,
    ...words,
    `http://127.0.0.1:${port}/here`,
  ], { encoding: 'utf8', timeout: 30_000 })
  const perSecond = Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(stdout)?.[1])
  const requests = Number(/^\s+(\d+) requests in /m.exec(stdout)?.[1])
  if (!(perSecond > 0 && requests > 0) || stdout.includes('Non-2xx')) {
    throw new Error(`wrk said\n${stdout}`)
  }
  return { perSecond, requests }
}
