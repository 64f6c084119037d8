// The token benches in workerd. Its clock stands still while code runs, so the clock is read after
// a short wait.
import { Buffer } from 'node:buffer'
import * as nodeCrypto from 'node:crypto'
import { test } from 'vitest'
import { stopwatch } from '../measure.mjs'
import { tokenBenches } from '../tokens.mjs'

async function now() {
  await scheduler.wait(1)
  return Date.now()
}

test('tokens', async () => {
  await tokenBenches(stopwatch('workerd', now, console.log, { longer: 10, most: 3 }), {
    ...nodeCrypto,
    Buffer,
  })
})
