// These cases run SQLite on files in separate processes. The faults are a full disk, a read-only
// file, a held lock, and a killed process.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MissingEngine } from './engine.mjs'
import { faults } from './faults.mjs'
import { refusals } from './sqlite-errors.mjs'
import { opened, sqliteProcess } from './sqlite-process.mjs'

/** This is the duration of each fault. */
const LASTS_MS = 30
/** This wait is shorter than a fault, so that a request fails during a held lock. */
const PATIENCE_MS = 5
const ROUNDS = { 'node:sqlite': 50, 'better-sqlite3': 5 }

export async function sqlite() {
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (sqlite === undefined) {
    throw new MissingEngine('node:sqlite', 'It comes with Node 22.13 and newer.')
  }
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sqlite-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const processes = []
  const start = async (driver, file, busyTimeoutMs) => {
    const one = await sqliteProcess(driver, join(folder, file), busyTimeoutMs)
    processes.push(one)
    return one
  }

  const stores = []
  const cases = []
  for (const [n, [driver, rounds]] of Object.entries(ROUNDS).entries()) {
    const [one, two] = [
      await start(driver, `shared-${n}.db`),
      await start(driver, `shared-${n}.db`),
    ]
    const gone = await start(driver, `gone-${n}.db`)
    await gone.kill()
    stores.push({
      name: `${driver}, two processes on one file`,
      open: () => one.store,
      conformance: {
        openSecondConnection: () => two.store,
        openUnreachableStore: () => gone.store,
      },
    })
    const file = `faults-${n}.db`
    const engine = await start(driver, file, PATIENCE_MS)
    const holder = await opened('node:sqlite', join(folder, file))
    holder.exec('PRAGMA busy_timeout = 5000')
    cases.push(
      ...faults({
        name: driver,
        open: () => engine.store,
        disturbances: disturbances(engine, holder),
        rounds,
      }),
    )
    cases.push(...refusals(driver, (...file) => opened(driver, ...file)))
  }
  return {
    version: `SQLite ${process.versions.sqlite}`,
    stores,
    cases,
    stop: () => Promise.all(processes.map((one) => one.kill())),
  }
}

function disturbances(engine, holder) {
  const meanwhile = (begin, end) => async () => {
    await begin()
    await new Promise((resolve) => setTimeout(resolve, LASTS_MS))
    await end()
  }
  return {
    'is killed and started again': () => engine.kill().then(() => engine.start()),
    'has a full disk for a while': meanwhile(
      () => engine.call('full'),
      () => engine.call('roomy'),
    ),
    'is read-only for a while': meanwhile(
      () => engine.call('readOnly', 'ON'),
      () => engine.call('readOnly', 'OFF'),
    ),
    'is locked out by another process for a while': meanwhile(
      () => holder.exec('BEGIN IMMEDIATE'),
      () => holder.exec('COMMIT'),
    ),
  }
}
