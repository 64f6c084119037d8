// These cases test what the PostgreSQL store does beyond the store contract: the sweep, repeated
// statements, poolers, incomplete answers, and silent servers.
import { connect, createServer } from 'node:net'
import { POSTGRES_MIGRATION, postgresMigration, postgresStore } from 'portcullis/stores/postgres'
import { equal, ok, throwsCode } from '../suite/assert.mjs'

const bytes = Uint8Array.of(1, 2, 3)
const lasting = (value = bytes) => ({ value, expiresAtMs: Date.now() + 86_400_000 })
const freshKey = () => `pc1_${crypto.randomUUID().slice(0, 22)}`

/** @param clients makes clients of each kind, and has a server and a proxy to the server */
export function particular(clients) {
  const { server, wire, lite } = clients
  return [
    {
      name: 'a second run of the migration changes nothing, and another table name can be chosen',
      async run() {
        const pool = clients.pg(server.port)
        await pool.query(POSTGRES_MIGRATION)
        await pool.query(postgresMigration('order'))
        const store = postgresStore(pool, { table: 'order' })
        const key = freshKey()
        equal(await store.swap(key, null, lasting()), true, 'a swap')
        equal(
          [(await store.get(key)).value[1], await postgresStore(pool).get(key)],
          [2, null],
          'values in the two tables',
        )
      },
    },
    {
      name: 'a table name that is not a plain identifier is rejected, and so is an invalid client',
      async run() {
        for (
          const table of [
            '',
            'Sessions',
            'a b',
            'a"; DROP TABLE portcullis; --',
            'app.sessions',
            '1st',
            'é',
            'a'.repeat(53),
            7,
            null,
          ]
        ) {
          await throwsCode('ERR_CONFIG', () => postgresStore(lite, { table }), `the table ${table}`)
          await throwsCode(
            'ERR_CONFIG',
            () => postgresMigration(table),
            `the migration of ${table}`,
          )
        }
        equal(
          postgresMigration('a'.repeat(52)).includes(`"${'a'.repeat(52)}_expires_at"`),
          true,
          'the longest name',
        )
        for (const client of [undefined, null, {}, 'postgres://localhost']) {
          await throwsCode('ERR_CONFIG', () => postgresStore(client), `the client ${client}`)
        }
      },
    },
    ...['pg', 'postgres', 'PGlite'].map((kind) => ({
      name: `one write in 100 first deletes at most 1000 expired rows (${kind})`,
      run: () => sweeps(clients, kind),
    })),
    {
      name: 'a sweep does not wait for a row that another client is writing',
      run: () => sweepsAround(clients),
    },
    {
      name: 'a statement that is sent twice is applied once and reports success',
      async run() {
        const pool = clients.pg(server.port)
        const store = postgresStore({
          query: (text, values) => pool.query(text, values).then(() => pool.query(text, values)),
        })
        const key = freshKey()
        equal(await store.swap(key, null, lasting()), true, 'a swap that creates')
        const { revision } = await store.get(key)
        equal(
          await store.swap(key, revision, lasting(Uint8Array.of(9))),
          true,
          'a swap that replaces',
        )
        equal(
          await store.swap(key, revision, lasting()),
          false,
          'a swap with the revision from before',
        )
        equal((await store.get(key)).value[0], 9, 'the value')
      },
    },
    {
      name:
        'a pooler may send each statement to another connection, as no statement stays prepared',
      async run() {
        const pool = clients.pg(server.port, { max: 1 })
        const sql = clients.postgres(server.port, { max: 1 })
        for (
          const [client, ask] of [[pool, (text) => pool.query(text).then(({ rows }) => rows)], [
            sql,
            (text) => sql.unsafe(text),
          ]]
        ) {
          const store = postgresStore(client)
          const key = freshKey()
          await store.swap(key, null, lasting())
          await store.swap(key, (await store.get(key)).revision, null)
          equal(
            Number((await ask('SELECT count(*) AS n FROM pg_prepared_statements'))[0].n),
            0,
            'statements that stayed prepared',
          )
        }
      },
    },
    ...['pg', 'postgres'].map((kind) => ({
      name: `a connection that ends within an answer does not change later answers (${kind})`,
      run: () => endsAmidAnAnswer(clients, kind),
    })),
    {
      name: 'a call to a silent server fails in time if the pool of pg has timeouts',
      async run() {
        const pool = clients.pg(wire.port, { query_timeout: 300, connectionTimeoutMillis: 300 })
        const store = postgresStore(pool)
        await store.get(freshKey())
        wire.hush()
        try {
          for (
            const [verb, call] of [['get', () => store.get(freshKey())], [
              'swap',
              () => store.swap(freshKey(), null, lasting()),
            ]]
          ) {
            const startedAt = performance.now()
            const outcome = await call().then((answer) => `answered ${answer}`, () => 'threw')
            equal(outcome, 'threw', verb)
            ok(performance.now() - startedAt < 2000, `${verb} in time`)
          }
        } finally {
          wire.mend()
        }
      },
    },
  ]
}

/** Each kind of client has its own table, so that the row counts are independent. */
async function sweeps(clients, kind) {
  const { client, all } = clientOf(clients, kind)
  const table = `swept_by_${kind.toLowerCase()}`
  const count = await madeWith(1500, all, table)
  const store = postgresStore(client, { table })
  const after = []
  for (const chance of [0.01, 0.0099, 0.5, 0]) {
    equal(await byChance(chance, () => store.swap(freshKey(), null, lasting())), true, 'a swap')
    after.push(await count())
  }
  equal(after, [1501, 502, 503, 4], 'rows after each write')
  equal(await store.swap('gone7', null, lasting()), true, 'a swap of a deleted key')
}

async function sweepsAround(clients) {
  const { client, all } = clientOf(clients, 'pg')
  const count = await madeWith(3, all, 'swept_around')
  const writer = await client.connect()
  await writer.query("BEGIN; UPDATE swept_around SET expires_at = 1e15 WHERE key = 'gone2'")
  try {
    const store = postgresStore(client, { table: 'swept_around' })
    const late = new Promise((resolve) => setTimeout(resolve, 5000, 'nothing for 5 seconds'))
    equal(
      await Promise.race([late, byChance(0, () => store.swap(freshKey(), null, lasting()))]),
      true,
      'a swap',
    )
    await writer.query('COMMIT')
    equal(
      [await count(), (await store.get('gone2')) !== null],
      [2, true],
      'rows, and whether the locked row still exists',
    )
  } finally {
    writer.release(true)
  }
}

/** This function makes a table with expired rows and gives a function that counts the rows. */
async function madeWith(rows, all, table) {
  for (
    const statement of postgresMigration(table).split(';').filter((text) => text.trim() !== '')
  ) await all(statement)
  await all(
    `INSERT INTO ${table} SELECT 'gone' || n, '', '', ${Date.now()} - n
     FROM generate_series(1, ${rows}) AS n`,
  )
  return async () => Number((await all(`SELECT count(*) AS n FROM ${table}`))[0].n)
}

/** This function fixes Math.random, because chance decides whether a write sweeps. */
async function byChance(chance, run) {
  const real = Math.random
  Math.random = () => chance
  try {
    return await run()
  } finally {
    Math.random = real
  }
}

async function endsAmidAnAnswer(clients, kind) {
  const proxy = await cuttingProxy(clients.server.port)
  try {
    const store = postgresStore(clients[kind](proxy.port, { max: 1 }))
    const key = freshKey()
    await store.swap(key, null, lasting())
    const { revision } = await store.get(key)
    for (
      const later of [
        async () => (await store.get(key))?.revision === revision,
        () => store.swap(freshKey(), null, lasting()),
      ]
    ) {
      proxy.cutBefore('SELECT 1\0')
      equal(
        await store.get(key).then(() => 'an answer', () => 'an error'),
        'an error',
        'the result of an interrupted read',
      )
      equal(await later(), true, 'the next call')
    }
  } finally {
    proxy.close()
  }
}

/**
 * This proxy forwards all data until the server sends a chosen text. The proxy then ends the
 * connection before the message with that text.
 */
async function cuttingProxy(port) {
  let text
  const sockets = new Set()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => other.destroy())
    }
    near.pipe(far)
    far.on('data', (data) => {
      const at = text === undefined ? -1 : data.indexOf(text)
      if (at === -1) return near.write(data)
      text = undefined
      // A message type of one byte and a length of four bytes stand before the text.
      near.end(data.subarray(0, at - 5))
    })
  })
  await new Promise((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: server.address().port, cutBefore: (what) => (text = what), close }
}

/** This function gives a client and a way to run SQL with it that does not use the store. */
function clientOf(clients, kind) {
  if (kind === 'postgres') {
    const sql = clients.postgres(clients.server.port)
    return { client: sql, all: (text) => sql.unsafe(text) }
  }
  const client = kind === 'pg' ? clients.pg(clients.server.port) : clients.lite
  return { client, all: (text) => client.query(text).then(({ rows }) => rows) }
}
