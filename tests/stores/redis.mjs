// Redis, from the distribution: redis-server on a loopback port, with every write on disk before it is acknowledged.
import { execFileSync } from 'node:child_process'
import { Missing, program, Server } from './engine.mjs'

/** A server alone, for the suite and for the benchmark. */
export function redisServer() {
  const found = program('redis-server', ['/usr/sbin', '/usr/local/sbin'])
  if (found === undefined) throw new Missing('redis-server', 'Install it, on Debian or Ubuntu with: apt-get install redis-server')
  const args = ({ port, folder }) => ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--loglevel', 'warning']
  return Server.start({ name: 'redis', program: found, args })
}

export async function redis() {
  const server = await redisServer()
  const version = `redis ${/v=(\S+)/.exec(execFileSync(program('redis-server'), ['--version'], { encoding: 'utf8' }))?.[1]}`
  return { version, stores: [], cases: [], stop: () => server.stop() }
}
