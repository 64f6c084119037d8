// Measures a protected route with wrk, beside the same route without sessions and beside other
// packages, on Node and in workerd. A line gives nanoseconds per request, so a ratio of 0.9 beside
// `no sessions` means nine tenths of its requests per second. The best round counts, because other
// programs on the machine can only slow a round down. On Linux, `protected-route-cpu` gives the
// processor time of the server per request, as the median of the rounds. This figure is steadier
// while other programs use the machine.
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

/** Takes a stopwatch for each runtime, whose `print` writes the lines. */
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
  // The first rounds are not measured, because an engine optimises a function after many calls.
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

/**
 * The processor time of a process with all its threads, including the time in the kernel. Linux
 * counts in hundredths of a second.
 */
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

/** Sends the headers of a browser on 32 connections. */
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
