// These cases use the PostgreSQL of the distribution, which writes every commit to disk before the
// answer. They also use PGlite, which is PostgreSQL inside this process. PGlite has no fault cases,
// because there is no server to kill and no connection to cut.
import { PGlite } from '@electric-sql/pglite'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { POSTGRES_MIGRATION, postgresStore } from 'portcullis/stores/postgres'
import { withTimeout } from 'portcullis/stores/wrappers'
import postgresJs from 'postgres'
import { CuttableProxy, freePort, MissingEngine, program, Server } from './engine.mjs'
import { faults } from './faults.mjs'
import { particular } from './postgres-cases.mjs'

/**
 * This function starts a server for the suite and the benchmark. The user and the database are
 * `postgres`. There is no password and no table.
 */
export function postgresServer() {
  const [postgres, initdb] = ['postgres', 'initdb'].map(installed)
  if (postgres === undefined || initdb === undefined) {
    throw new MissingEngine(
      'PostgreSQL',
      'Install it, on Debian or Ubuntu with: apt-get install postgresql',
    )
  }
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? account('postgres') ?? account('nobody') : undefined
  return Server.start({
    name: 'postgres',
    program: postgres,
    user,
    goodbye: 'SIGQUIT',
    prepare: ({ folder }) =>
      execFileSync(initdb, [
        '-D',
        join(folder, 'data'),
        '-U',
        'postgres',
        '--auth=trust',
        '--no-locale',
        '--encoding=UTF8',
        '--no-sync',
      ], { cwd: folder, stdio: 'pipe', ...user }),
    args: (
      { folder, port },
    ) => [
      '-D',
      join(folder, 'data'),
      '-p',
      `${port}`,
      ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    ready: ({ port }) => withClient(port, (client) => client.query('SELECT 1')),
  })
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  // Shared memory in /dev/shm would stay after a kill. With mmap, it is a file in the folder.
  dynamic_shared_memory_type: 'mmap',
}

export async function postgres() {
  const server = await postgresServer()
  await withClient(server.port, (client) => client.query(POSTGRES_MIGRATION))
  const wire = await CuttableProxy.to(server.port)
  const clients = await Clients.to(server, wire)
  const version = `PostgreSQL ${
    /[\d.]+/.exec(execFileSync(installed('postgres'), ['--version'], { encoding: 'utf8' }))
  }`
  return {
    version,
    stores: clients.stores,
    cases: [...clients.faults, ...particular(clients)],
    stop: () => clients.end().then(() => wire.close()).then(() => server.stop()),
  }
}

/** This class makes the clients of every kind, and the stores and fault cases that use them. */
class Clients {
  #opened = []

  static async to(server, wire) {
    const clients = new Clients()
    clients.server = server
    clients.wire = wire
    clients.dead = await freePort()
    clients.lite = new PGlite()
    await clients.lite.exec(POSTGRES_MIGRATION)
    return clients
  }

  pg(port, options) {
    const pool = new pg.Pool({ ...to(port), ...options })
    // If an idle connection is cut, the pool emits an error, which would end the process.
    pool.on('error', () => {})
    this.#opened.push(() => pool.end())
    return pool
  }

  /** These options are the ones that docs/stores.md recommends. */
  postgres(port, options) {
    const sql = postgresJs({
      ...to(port),
      fetch_types: false,
      backoff: () => 0.1,
      connect_timeout: 2,
      ...options,
    })
    this.#opened.push(() => sql.end({ timeout: 0 }))
    return sql
  }

  get stores() {
    const { server: { port }, dead, lite } = this
    return [
      entry('pg', this.pg(port), this.pg(port), this.pg(dead)),
      entry('postgres', this.postgres(port), this.postgres(port), this.postgres(dead)),
      {
        name: 'PGlite',
        open: () => postgresStore(lite),
        conformance: { openUnreachableStore: closed },
      },
    ]
  }

  get faults() {
    const { server, wire } = this
    const restart = () => server.kill().then(() => server.start())
    const cut = async () => wire.cut()
    const killed = 'is killed and started again'
    const off = 'has its connections cut'
    return [
      ...faults({
        name: 'pg',
        open: () => postgresStore(this.pg(server.port)),
        disturbances: { [killed]: restart },
      }),
      ...faults({
        name: 'pg',
        open: () => postgresStore(this.pg(wire.port)),
        disturbances: { [off]: cut },
      }),
      ...faults({
        name: 'postgres',
        open: () => withTimeout(postgresStore(this.postgres(server.port)), 2000),
        disturbances: { [killed]: restart },
        rounds: 5,
      }),
      ...faults({
        name: 'postgres',
        open: () => withTimeout(postgresStore(this.postgres(wire.port)), 2000),
        disturbances: { [off]: cut },
        rounds: 5,
      }),
    ]
  }

  async end() {
    await Promise.all([...this.#opened.map((end) => end()), this.lite.close()])
  }
}

function entry(name, one, another, dead) {
  return {
    name,
    open: () => postgresStore(one),
    conformance: {
      openSecondConnection: () => postgresStore(another),
      openUnreachableStore: () => postgresStore(dead),
    },
  }
}

async function closed() {
  const lite = new PGlite()
  await lite.close()
  return postgresStore(lite)
}

const to = (port) => ({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })

async function withClient(port, run) {
  const client = new pg.Client(to(port))
  client.on('error', () => {})
  try {
    await client.connect()
    return await run(client)
  } finally {
    await client.end()
  }
}

/** Debian keeps the programs of each version in a separate folder that is not on PATH. */
function installed(name) {
  const versions = '/usr/lib/postgresql'
  const folders = existsSync(versions)
    ? readdirSync(versions).sort((a, b) => b - a).map((version) => join(versions, version, 'bin'))
    : []
  return program(name, folders)
}

function account(name) {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((one) =>
    one.startsWith(`${name}:`)
  )
  const [, , uid, gid] = line?.split(':').map(Number) ?? []
  return line === undefined ? undefined : { uid, gid }
}
