import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { D1_MIGRATION } from 'portcullis/stores/d1'
import { defineConfig } from 'vitest/config'

const rounds = Number(process.env.PORTCULLIS_ROUNDS ?? 1000)

/** The migration in a file, as a user has it, read by the reader of wrangler. */
async function migrations() {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-migrations-'))
  try {
    writeFileSync(join(folder, '0001_portcullis.sql'), D1_MIGRATION)
    return await readD1Migrations(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export default defineConfig({
  // The package is not bundled before the test, because its relative import of the .wasm file would
  // then fail.
  optimizeDeps: { noDiscovery: true },
  ssr: { optimizeDeps: { noDiscovery: true, exclude: ['portcullis'] } },
  plugins: [
    cloudflareTest({
      wrangler: { configPath: './wrangler.jsonc' },
      miniflare: { bindings: { ROUNDS: rounds, MIGRATIONS: await migrations() } },
    }),
  ],
  test: { include: ['*.test.mjs'], testTimeout: 60_000 + rounds * 200 },
})
