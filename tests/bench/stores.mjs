// Measures a refresh where the store holds 1,000, 100,000 and a million records, concurrent
// refreshes of one subject, and the time that an adapter adds to its client. The sizes of an engine
// take turns, so that a noisy minute affects all of them. Every write is on this machine's disk
// before it is acknowledged, which takes most of the time.
import { MissingEngine } from '../stores/engine.mjs'
import { SimulatedSite, Visitors } from './many-users.mjs'
import { median } from './measure.mjs'
import { overhead } from './overhead.mjs'
import { AT_ONCE, ENGINES } from './prefilled-stores.mjs'

const LEVELS = { '1k': 1_000, '100k': 100_000, '1m': 1_000_000 }
const ROUNDS = 20
/**
 * The refreshes of a round: first one after the other, then several at once. Their sum must not
 * exceed the users of the smallest level.
 */
const ALONE = 250
const TOGETHER = 750
/** After this time a session is due for rotation again. */
const LATER_MS = 31_000

/** Runs the benches of all engines, or of the named ones. */
export async function storeBenches(watch, names) {
  const wanted = Object.entries(ENGINES).filter(([name]) =>
    names.length === 0 || names.includes(name)
  )
  for (const [name, start] of wanted) {
    try {
      await onEngine(watch, name, await start())
    } catch (error) {
      if (!(error instanceof MissingEngine)) throw error
      console.log(`skipped: ${error.message}`)
    }
  }
}

async function onEngine(watch, name, engine) {
  try {
    await scale(watch, name, engine)
    await overhead(watch, name, engine)
  } finally {
    await engine.stop()
  }
}

async function scale(watch, name, engine) {
  const site = new SimulatedSite()
  const prefilledStores = new Map()
  for (const [label, level] of Object.entries(LEVELS)) {
    prefilledStores.set(level, {
      label,
      ...(await engine.prefilledStore(label)),
      taken: { each: [], alone: [], together: [] },
    })
  }
  const visitors = await site.settle(
    [...prefilledStores.keys()],
    (level, records) => prefilledStores.get(level).fill(records),
    (done, all) => progress(done, all, `sign-ins-${name}`),
  )
  await engine.settle()
  for (const [level, prefilledStore] of prefilledStores) {
    Object.assign(prefilledStore, {
      sessions: site.sessions(prefilledStore.store),
      visitors: new Visitors(visitors.get(level)),
    })
  }
  const concurrent = await concurrentUsers(site, prefilledStores.get(LEVELS['1k']))

  for (let round = 0; round <= ROUNDS; round += 1) {
    site.clock.ms += LATER_MS
    // The first round only warms up.
    for (const prefilledStore of prefilledStores.values()) await visit(prefilledStore, round > 0)
    await concurrent.visit(round > 0)
    progress(round, ROUNDS, `refreshes-${name}`)
  }
  printLine(watch, name, [...prefilledStores.values()], concurrent)
  for (const { sessions } of prefilledStores.values()) sessions.dispose()
}

async function visit({ sessions, visitors, taken }, counts) {
  const each = []
  for (const visitor of visitors.come(ALONE)) {
    each.push(await timed(() => refresh(sessions, visitor)))
  }
  const together = visitors.come(TOGETHER)
  const ns = await timed(() => severalAtOnce(together, (visitor) => refresh(sessions, visitor)))
  if (!counts) return
  taken.each.push(...each)
  taken.alone.push(sum(each) / ALONE)
  taken.together.push(ns / TOGETHER)
}

/**
 * One subject with as many sessions as subjects are served at once elsewhere. All requests compete
 * for the same record.
 */
async function concurrentUsers(site, { sessions }) {
  const devices = []
  for (let n = 0; n < AT_ONCE; n += 1) {
    const visitor = new Visitors([''])
    const [first] = visitor.come(1)
    first.keep(
      await sessions.signIn(first.request, {
        subject: 'the concurrent',
        acr: 'aal1',
        amr: ['pwd'],
      }),
    )
    devices.push(visitor)
  }
  const taken = []
  async function visit(counts) {
    for (let turn = 0; turn < 10; turn += 1) {
      site.clock.ms += LATER_MS
      const all = devices.flatMap((visitor) => visitor.come(1))
      const ns = await timed(() => Promise.all(all.map((visitor) => refresh(sessions, visitor))))
      if (counts) taken.push(ns / all.length)
    }
  }
  return { visit, taken }
}

async function refresh(sessions, { request, keep }) {
  const answer = await sessions.refresh(request)
  if (!answer.rotated) throw new Error(`not refreshed: ${answer.code}`)
  keep(answer)
}

async function severalAtOnce(all, run) {
  const waiting = [...all]
  const one = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await run(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** Gives the duration in nanoseconds. */
async function timed(run) {
  const start = performance.now()
  await run()
  return (performance.now() - start) * 1e6
}

/** Prints the latencies of all refreshes, and the other figures of the median round. */
function printLine(watch, name, prefilledStores, concurrent) {
  const figures = prefilledStores.map(({ label, taken: { each, alone, together } }) => ({
    label,
    p50: median(each),
    p99: quantile(each, 0.99),
    alone: median(alone),
    together: median(together),
  }))
  const [least] = figures
  for (const figure of figures) {
    const peer = figure === least ? null : `${least.label} records`
    const line = (what, key) =>
      watch.print(`refresh-${name}-${figure.label}${what}`, figure[key], peer, peer && least[key])
    line('', 'p50')
    line('-p99', 'p99')
    line(`-${AT_ONCE}-at-once`, 'together')
  }
  watch.print(
    `refresh-${name}-one-subject`,
    median(concurrent.taken),
    `${AT_ONCE} subjects`,
    least.together,
  )
  const ms = (ns) => (ns / 1e6).toFixed(2)
  const times = (figure, key) => (figure[key] / least[key]).toFixed(2)
  console.log(table([
    [
      name,
      'p50 ms',
      'p99 ms',
      '1 at a time',
      `${AT_ONCE} at a time`,
      'p50',
      'p99',
      `${AT_ONCE} at a time`,
    ],
    ...figures.map((
      figure,
    ) => [
      figure.label,
      ms(figure.p50),
      ms(figure.p99),
      perSecond(figure.alone),
      perSecond(figure.together),
      ...['p50', 'p99', 'together'].map((key) => `x ${times(figure, key)}`),
    ]),
    ['one subject', '', '', '', perSecond(median(concurrent.taken)), '', '', ''],
  ]))
}

const sum = (values) => values.reduce((all, value) => all + value, 0)
const perSecond = (ns) => `${Math.round(1e9 / ns)}/s`
const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row.map((
      cell,
      column,
    ) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ')
  ).join('\n')
}

/** xtask makes a progress bar of this line, whose last word is `what`. */
function progress(done, all, what) {
  console.log(`progress ${done} ${all} ${what}`)
}
