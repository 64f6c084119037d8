// The core's decision on a refresh, alone: no store, no Request, no Headers. Its arguments are
// caught on their way in when the package makes a real refresh, and handed over again; their way
// into the module and the way of the answer out of it are measured.
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
 * The last decision of a refresh that rotates, with so many sessions in the record; scored where
 * there is a context.
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
