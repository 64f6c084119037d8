// Starts a server as a reader would, in its own process, and visits it.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(String(port)))
    })
  })
}

/**
 * Starts a server, uses a session on it, runs further checks, and stops the server with all its
 * children.
 */
export async function withServer(
  folder,
  [program, ...args],
  env,
  address,
  more = async () => undefined,
) {
  const child = spawn(program, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  try {
    await reachable(address, child)
    await more(await runSession(address))
  } catch (error) {
    throw new Error(`${error.message}\n${output.slice(-2000)}`)
  } finally {
    try {
      process.kill(-child.pid, 'SIGTERM')
    } catch {
      // The server ended by itself.
    }
  }
}

async function reachable(address, child) {
  for (let n = 0; n < 240; n += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    if (await fetch(address).then(() => true, () => false)) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error('the server did not answer within a minute')
}

/** Gives a function that sends the next requests of the visitor. */
async function runSession(address) {
  const stranger = await fetch(address)
  expect(stranger.status, 401, 'without a cookie')
  const forged = await fetch(`${address}/sign-in`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  })
  expect(forged.status, 403, 'a sign-in from another site')
  const signIn = await fetch(`${address}/sign-in`, { method: 'POST', headers: { origin: address } })
  expect(signIn.status, 200, 'the sign-in')
  const cookie = signIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
  const greeting = await fetch(address, { headers: { cookie } })
  expect(await greeting.text(), 'Hello user-1', 'the greeting')
  return (path, method = 'GET', jar = cookie) =>
    fetch(address + path, {
      method,
      redirect: 'manual',
      headers: { ...(jar === '' ? {} : { cookie: jar }), origin: address },
    })
}

export function expect(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`)
}
