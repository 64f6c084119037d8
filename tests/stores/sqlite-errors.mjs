// These cases test the errors of the SQLite store for a database that cannot be used. The errors
// must be the same with every driver, although the errors of the drivers differ.
import { writeFileSync } from 'node:fs'
import { createSessions } from 'portcullis'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { inFolder } from '../runtimes/sqlite.mjs'
import { equal, ok, throwsCode } from '../suite/assert.mjs'
import { Browser, createKeys, ORIGIN } from '../suite/support.mjs'

const PATIENCE_MS = 20

/** This function makes the cases for one driver. `open(file, readOnly)` opens a file with it. */
export function refusals(name, open) {
  const onFile = (words, run) => ({
    name: `${words} (${name})`,
    run: () => inFolder((file) => run(file, open)),
  })
  return [
    onFile(
      'a read-only database is rejected, and the error tells how to fix that',
      readOnlyAtOnce,
    ),
    onFile(
      'sqliteStore throws ERR_STORE_UNAVAILABLE with the error of the driver as its cause',
      unusableFile,
    ),
    onFile(
      'writes to a locked or read-only database throw, and every user stays signed in',
      later,
    ),
    {
      name: `busyTimeoutMs sets how long SQLite waits for a lock, and has a range (${name})`,
      run: () => inFolder((file) => chosen(file, open)),
    },
  ]
}

async function readOnlyAtOnce(file, open) {
  const empty = await open(file)
  empty.exec('CREATE TABLE other (n)')
  const rejected = async (database) => {
    const error = await throwsCode('ERR_CONFIG', () => sqliteStore(database))
    ok(/read-only.*open it for writing/.test(error.message), `the remedy, not "${error.message}"`)
    ok(error.cause instanceof Error, 'the cause')
    database.close()
  }
  await rejected(await open(file, true))
  sqliteStore(empty)
  // The table exists now. A read-only database must be rejected even if no table has to be made.
  await rejected(await open(file, true))
  empty.exec('PRAGMA query_only = ON')
  await rejected(empty)
}

async function unusableFile(file, open) {
  const holder = await open(file)
  holder.exec('BEGIN IMMEDIATE')
  const other = await open(file)
  const error = await throwsCode(
    'ERR_STORE_UNAVAILABLE',
    () => sqliteStore(other, { busyTimeoutMs: PATIENCE_MS }),
  )
  equal(
    [error.status, error.cause.message],
    [503, 'database is locked'],
    'the status and the cause',
  )
  holder.exec('COMMIT')
  ok(
    sqliteStore(other).swap('pc1_key', null, {
      value: Uint8Array.of(7),
      expiresAtMs: Date.now() + 60_000,
    }),
    'a swap after the lock is released',
  )
  writeFileSync(`${file}-no`, 'This is a text, and no database. '.repeat(99))
  const none = await open(`${file}-no`)
  equal(
    (await throwsCode('ERR_STORE_UNAVAILABLE', () => sqliteStore(none))).cause.message,
    'file is not a database',
    'the cause',
  )
  for (const database of [holder, other, none]) database.close()
}

async function later(file, open) {
  const database = await open(file)
  const holder = await open(file)
  const sessions = createSessions({
    issuer: ORIGIN,
    keys: createKeys(),
    store: sqliteStore(database, { busyTimeoutMs: PATIENCE_MS }),
  })
  const browser = new Browser({ runtime: {} })
  browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' }))
  const rejected = async (cause) => {
    for (
      const call of [
        () => sessions.signOut(browser.request()),
        () => sessions.signIn(browser.request(), { subject: 'user-2' }),
      ]
    ) {
      equal((await throwsCode('ERR_STORE_UNAVAILABLE', call)).cause.message, cause, 'the cause')
    }
    equal((await sessions.list('user-1')).length, 1, 'the readable sessions')
  }
  database.exec('PRAGMA query_only = ON')
  await rejected('attempt to write a readonly database')
  database.exec('PRAGMA query_only = OFF')
  holder.exec('BEGIN IMMEDIATE')
  await rejected('database is locked')
  holder.exec('COMMIT')
  equal((await sessions.signOut(browser.request())).revoked, true, 'a sign-out afterwards')
  for (const one of [holder, database]) one.close()
}

async function chosen(file, open) {
  const database = await open(file)
  for (const busyTimeoutMs of [-1, 1.5, 60_001, '5', NaN, null]) {
    await throwsCode('ERR_CONFIG', () => sqliteStore(database, { busyTimeoutMs }))
  }
  const timeouts = []
  for (const options of [undefined, {}, { busyTimeoutMs: 0 }, { busyTimeoutMs: 60_000 }]) {
    sqliteStore(database, options)
    timeouts.push(Object.values(database.prepare('PRAGMA busy_timeout').get())[0])
  }
  equal(timeouts, [5000, 5000, 0, 60_000], 'what SQLite waits')
  database.close()
}
