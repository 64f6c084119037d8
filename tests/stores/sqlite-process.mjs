// A process that is an SQLite engine: started with a driver, a file, and how long to wait for
// locks.
import { fileURLToPath } from 'node:url'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { EngineProcess, serve } from './process.mjs'

/** So small that a record has pages of its own: most that grow then need room. */
const PAGE_BYTES = 512

/** Opens a file with a driver. Read-only is said in the words of each. */
export async function opened(driver, file, readOnly = false) {
  if (driver === 'node:sqlite') {
    return new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file, { readOnly })
  }
  const { default: Database } = await import('better-sqlite3')
  return new Database(file, { readonly: readOnly })
}

/** Starts it. */
export function sqliteProcess(driver, file, busyTimeoutMs = 5000) {
  return EngineProcess.start({
    script: fileURLToPath(import.meta.url),
    args: [driver, file, `${busyTimeoutMs}`],
  })
}

/** In the process: what its parent may call. */
async function verbs(driver, file, busyTimeoutMs) {
  const database = await opened(driver, file)
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
  return {
    ...sqliteStore(database, { busyTimeoutMs }),
    readOnly: (is) => database.exec(`PRAGMA query_only = ${is}`),
    /**
     * The engine's own limit stands for the disk's: from now on it takes no page more than it has,
     * and none of these is free.
     */
    full() {
      database.exec('CREATE TABLE ballast (bytes)')
      database.exec('PRAGMA max_page_count = 1')
      const load = database.prepare(`INSERT INTO ballast VALUES (zeroblob(${PAGE_BYTES / 2}))`)
      try {
        for (;;) load.run()
      } catch (error) {
        if (!/full/.test(error.message)) throw error
      }
    },
    roomy: () => database.exec('PRAGMA max_page_count = 4294967294; DROP TABLE ballast'),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [driver, file, busyTimeoutMs] = process.argv.slice(2)
  serve(await verbs(driver, file, Number(busyTimeoutMs)))
}
