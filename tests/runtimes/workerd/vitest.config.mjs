import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const rounds = Number(process.env.PORTCULLIS_ROUNDS ?? 1000)

export default defineConfig({
  // The package is tested as it is: bundled ahead, its relative import of the .wasm would point elsewhere.
  optimizeDeps: { noDiscovery: true },
  ssr: { optimizeDeps: { noDiscovery: true, exclude: ['portcullis'] } },
  plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.jsonc' }, miniflare: { bindings: { ROUNDS: rounds } } })],
  test: { include: ['*.test.mjs'], testTimeout: 60_000 + rounds * 200 },
})
