// This program serves an SQLite store. The arguments are the driver, the file, and the time to wait
// for a lock.
import { fileURLToPath } from 'node:url'
import { sqliteStore } from 'portcullis/stores/sqlite'
import { EngineProcess, serve } from './process.mjs'

/** A small page makes most records that grow need a new page, so that a full disk is noticed. */
const PAGE_BYTES = 512

/** The drivers have different names for the read-only option. */
export async function opened(driver, file, readOnly = false) {
  if (driver === 'node:sqlite') {
    return new (process.getBuiltinModule('node:sqlite').DatabaseSync)(file, { readOnly })
  }
  const { default: Database } = await import('better-sqlite3')
  return new Database(file, { readonly: readOnly })
}

export function sqliteProcess(driver, file, busyTimeoutMs = 5000) {
  return EngineProcess.start({
    script: fileURLToPath(import.meta.url),
    args: [driver, file, `${busyTimeoutMs}`],
  })
}

/** The parent process may call these functions. */
async function verbs(driver, file, busyTimeoutMs) {
  const database = await opened(driver, file)
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
  return {
    ...sqliteStore(database, { busyTimeoutMs }),
    readOnly: (is) => database.exec(`PRAGMA query_only = ${is}`),
    /**
     * A page limit simulates a full disk. After this call, the database cannot grow and has no free
     * page.
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
