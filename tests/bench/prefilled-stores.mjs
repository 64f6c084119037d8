// The measured engines. Each has several prefilled stores, which hold 1,000 to a million records. A
// prefilled store is { store, raw, fill }: the store that an application uses, its two steps
// written by hand on the bare client, and a function that writes many records at once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from 'portcullis/stores/sqlite'

/** The number of requests that are under way at the same time. */
export const AT_ONCE = 16

/** Functions that start an engine: { client, prefilledStore(name), settle(), relax(), stop() }. */
export const ENGINES = { sqlite, redis, postgres }

/** Each prefilled store is a file with a write-ahead log, which is synced at every commit. */
function sqlite() {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const files = []
  const each = (sql) => files.forEach((file) => file.exec(sql))
  return {
    client: 'node:sqlite',
    prefilledStore(name) {
      const file = new DatabaseSync(join(folder, `${name}.db`))
      files.push(file)
      const store = sqliteStore(file)
      const insert = file.prepare(
        'INSERT INTO portcullis (key, value, revision, expires_at) VALUES (?, ?, ?, ?)',
      )
      const fill = (records) => {
        file.exec('BEGIN')
        for (const { key, value, revision, expiresAtMs } of records) {
          insert.run(key, value, revision, expiresAtMs)
        }
        file.exec('COMMIT')
      }
      return { store, fill, raw: sqliteByHand(file) }
    },
    settle: () => each('PRAGMA wal_checkpoint(TRUNCATE)'),
    relax: () => each('PRAGMA synchronous = OFF'),
    stop: () => files.forEach((file) => file.close()),
  }
}

function sqliteByHand(file) {
  const read = file.prepare('SELECT value, revision FROM portcullis WHERE key = ?')
  const replace = file.prepare(
    'UPDATE portcullis SET value = ?, revision = ?, expires_at = ? WHERE key = ? AND revision = ?',
  )
  return {
    get: (key) => read.get(key),
    swap: (key, before, { value, revision, expiresAtMs }) =>
      replace.run(value, revision, expiresAtMs, key, before).changes === 1,
  }
}

/**
 * One server has a database for each prefilled store. Every write is on disk before it is
 * acknowledged (appendfsync always).
 */
async function redis() {
  const [{ Redis }, { redisStore }, { redisServer }] = await Promise.all([
    import('ioredis'),
    import('portcullis/stores/redis'),
    import('../stores/redis.mjs'),
  ])
  const server = await redisServer()
  const clients = []
  const tell = (...command) => clients[0].call(...command)
  return {
    client: 'ioredis',
    async prefilledStore() {
      const client = new Redis({ host: '127.0.0.1', port: server.port, db: clients.length })
      clients.push(client)
      const fill = async (records) => {
        const pipeline = client.pipeline()
        for (const { key, value, revision, expiresAtMs } of records) {
          pipeline.set(key, Buffer.concat([Buffer.from(revision), value]), 'PXAT', expiresAtMs)
        }
        for (const [error] of await pipeline.exec()) if (error !== null) throw error
      }
      return { store: redisStore(client), fill, raw: await redisByHand(client) }
    },
    /**
     * Waits until Redis has rewritten its append-only file, which Redis does when the file has
     * doubled.
     */
    async settle() {
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await tell('INFO', 'persistence'))) {
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    },
    relax: () => tell('CONFIG', 'SET', 'appendfsync', 'no'),
    async stop() {
      for (const client of clients) client.disconnect()
      await server.stop()
    },
  }
}

const BY_HAND = `if redis.call('GETRANGE', KEYS[1], 0, 35) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1`

async function redisByHand(client) {
  const digest = await client.script('LOAD', BY_HAND)
  return {
    async get(key) {
      const stored = await client.getBuffer(key)
      return { value: stored.subarray(36), revision: stored.toString('latin1', 0, 36) }
    },
    swap: async (key, before, { value, revision, expiresAtMs }) =>
      (await client.evalsha(
        digest,
        1,
        key,
        before,
        Buffer.concat([Buffer.from(revision), value]),
        expiresAtMs,
      )) === 1,
  }
}

/** One server has a table for each prefilled store. fsync and synchronous_commit are on. */
async function postgres() {
  const [{ default: pg }, { postgresMigration, postgresStore }, { postgresServer }] = await Promise
    .all([import('pg'), import('portcullis/stores/postgres'), import('../stores/postgres.mjs')])
  const server = await postgresServer()
  const pool = new pg.Pool({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    database: 'postgres',
    max: AT_ONCE,
  })
  const tables = []
  return {
    client: 'pg',
    async prefilledStore(name) {
      const table = `sessions_${name}`
      tables.push(table)
      await pool.query(postgresMigration(table))
      const insert =
        `INSERT INTO ${table} (key, value, revision, expires_at) SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bigint[])`
      const column = (records, name) => records.map((record) => record[name])
      const fill = (records) =>
        pool.query(insert, [
          column(records, 'key'),
          records.map(({ value }) => Buffer.from(value)),
          column(records, 'revision'),
          column(records, 'expiresAtMs'),
        ])
      return { store: postgresStore(pool, { table }), fill, raw: postgresByHand(pool, table) }
    },
    /** Does the work that autovacuum would otherwise do during the measurement. */
    async settle() {
      for (const table of tables) await pool.query(`VACUUM ANALYZE ${table}`)
      await pool.query('CHECKPOINT')
    },
    relax: () =>
      pool.query('ALTER SYSTEM SET synchronous_commit = off').then(() =>
        pool.query('SELECT pg_reload_conf()')
      ),
    async stop() {
      await pool.end()
      await server.stop()
    },
  }
}

function postgresByHand(pool, table) {
  const read = `SELECT value, revision FROM ${table} WHERE key = $1`
  const replace =
    `UPDATE ${table} SET value = $2, revision = $3, expires_at = $4 WHERE key = $1 AND revision = $5`
  return {
    get: async (key) => (await pool.query(read, [key])).rows[0],
    swap: async (key, before, { value, revision, expiresAtMs }) =>
      (await pool.query(replace, [key, value, revision, expiresAtMs, before])).rowCount === 1,
  }
}
