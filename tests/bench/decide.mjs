// Measures only the decision of the core on a refresh, without a store, a Request or Headers. The
// arguments are recorded during a real refresh of the package and passed again. The measurement
// includes the transfer of the arguments to Wasm and of the result from it.
import { createSessions, generateSecret } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'
import { SiteCore } from '../node_modules/portcullis/wasm/portcullis.js'
import { ISSUER, User } from './user.mjs'

export async function decideBenches({ compare }) {
  for (const size of [8, 64]) {
    const { decide, dispose } = await captureDecisions(size)
    const run = () => (decide().write === null ? Number.NaN : 0)
    await compare(`decide-refresh-${size}`, run, undefined, undefined)
    dispose()
  }
}

/**
 * Records the last decision of a refresh that rotates, with `size` sessions in the record. The
 * decision is scored if there is a context.
 */
export async function captureDecisions(size, context) {
  const clock = { ms: Date.now() }
  const keys = { ring: [{ id: 'k1', secret: generateSecret() }], storeKeySecret: generateSecret() }
  const sessions = createSessions({
    issuer: ISSUER,
    keys,
    store: memoryStore(),
    contextReader: () => context,
    clock: () => clock.ms,
    policy: { maxSessionsPerSubject: 64 },
  })
  let user
  for (let n = 0; n < size; n += 1) user = await User.signedIn(sessions, 'user-1')
  clock.ms += 31_000
  const { decide } = SiteCore.prototype
  let call
  SiteCore.prototype.decide = function catching(...facts) {
    call = [this, ...facts]
    return decide.apply(this, facts)
  }
  await sessions.refresh(user.request())
  SiteCore.prototype.decide = decide
  const [core, ...facts] = call
  const again = () => decide.apply(core, facts)
  return { decide: again, dispose: () => sessions.dispose() }
}
