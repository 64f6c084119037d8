// The shared suite runs on the packed package in every runtime. A runtime describes itself:
//
// - name: the name in reports
// - stores: [{ name, open(), rounds?, conformance? }]. The lifecycle, the concurrency cases and the
//   conformance suite run on each store. `rounds` is the number of concurrency rounds, a few by
//   default, and `conformance` holds the options of the conformance suite.
// - more?: [{ name, run }], the cases that only this runtime has
// - thorough?: whether the long versions run as well
// - incidents?: the IDs of the incidents in the conformance data, where it is there
// - bareRequests?: whether `new Request` drops Cookie and Origin, as in browsers
import { cases as remembering } from './cases/access-cookie-cache.mjs'
import { cases as advisories } from './cases/advisories.mjs'
import { cases as crowd } from './cases/concurrency.mjs'
import { cases as conforming, conformance } from './cases/conformance.mjs'
import { cases as construction } from './cases/construction.mjs'
import { cases as contextProxies } from './cases/context-proxies.mjs'
import { cases as context } from './cases/context.mjs'
import { cases as cookies } from './cases/cookies.mjs'
import { cases as sweeping } from './cases/expired-records.mjs'
import { cases as faults } from './cases/faults.mjs'
import { cases as firstUses } from './cases/first-uses.mjs'
import { cases as handleRules } from './cases/handle-rules.mjs'
import { cases as handling } from './cases/handle.mjs'
import { cases as headerPlan } from './cases/header-plan.mjs'
import { cases as incidents } from './cases/incidents.mjs'
import { cases as keys } from './cases/keys.mjs'
import { cases as lifecycle } from './cases/lifecycle.mjs'
import { cases as protecting } from './cases/protect.mjs'
import { cases as rotation } from './cases/rotation.mjs'
import { cases as scoring } from './cases/scoring.mjs'
import { cases as refusing } from './cases/stores-without-swap.mjs'
import { cases as tokens } from './cases/tokens.mjs'
import { cases as traps } from './cases/traps.mjs'
import { cases as verifier } from './cases/verifier.mjs'
import { cases as web } from './cases/web.mjs'
import { cases as wrappers } from './cases/wrappers.mjs'

/** Returns every case of a runtime: [{ name, run }]. */
export function cases(runtime) {
  const perStore = runtime.stores.flatMap((store) => onStore(runtime, store))
  const once = [
    ...conforming,
    ...wrappers,
    ...refusing,
    ...sweeping,
    ...construction,
    ...context,
    ...contextProxies,
    ...cookies,
    ...remembering,
    ...protecting,
    ...handling,
    ...handleRules,
    ...headerPlan,
    ...web,
    ...faults,
    ...rotation,
    ...firstUses,
    ...scoring,
    ...incidents,
    ...tokens,
    ...keys,
    ...verifier,
    ...advisories,
    ...traps,
  ].map((one) => bound(one, runtime, runtime.stores[0], one.name))
  return [...perStore, ...once, ...(runtime.more ?? [])]
}

/** Returns the cases that run on every store. */
export function onStore(runtime, store) {
  return [...lifecycle, ...crowd, ...conformance(store)].map((one) =>
    bound(one, runtime, store, `${one.name} (${store.name})`)
  )
}

/** Runs the cases of a runtime whose name contains its `filter`; without one, all of them. */
export const run = (runtime, onResult) =>
  runAll(cases(runtime).filter(({ name }) => name.includes(runtime.filter ?? '')), onResult)

/** Runs cases one after the other. */
export async function runAll(all, onResult = () => {}) {
  const result = { passed: 0, failed: [], skipped: [] }
  for (const { name, run: runCase } of all) {
    const startedAt = performance.now()
    const over = (outcome) => onResult({ name, ms: performance.now() - startedAt, ...outcome })
    try {
      await runCase()
      result.passed += 1
      over({ ok: true })
    } catch (error) {
      const message = error?.stack ?? String(error)
      result.failed.push({ name, message })
      over({ ok: false, message })
    }
  }
  return result
}

function bound(one, runtime, store, name) {
  return { name, run: () => one.run({ runtime, openStore: store.open, rounds: store.rounds }) }
}
