import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  optimizeDeps: { noDiscovery: true },
  ssr: {
    optimizeDeps: {
      noDiscovery: true,
      exclude: ['portcullis'],
      include: ['fast-jwt', 'jsonwebtoken'],
    },
  },
  plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.jsonc' } })],
  test: { include: ['*.bench.mjs'], testTimeout: 600_000, disableConsoleIntercept: true },
})
