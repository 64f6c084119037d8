/**
 * Runs the shared suite in this browser and shows the results.
 *
 * The server replaces the names below ('portcullis/...') by addresses; www/server/specifiers.mjs
 * explains why. A program can read the outcome in `data-done` on the root element and in
 * `window.harness`.
 */
try {
  await main()
} catch (error) {
  finish({
    passed: 0,
    failed: [{ name: 'the suite starts', message: String(error?.stack ?? error) }],
    skipped: [],
  }, [])
}

/**
 * The import is dynamic, so that a module that cannot be loaded is shown like any other failure.
 */
async function main() {
  const { memoryStore } = await import('portcullis/stores/memory')
  const { cases, run } = await import('/tests/suite/index.mjs')
  // A browser removes Cookie and Origin from every Request that a script makes, so that the suite
  // uses plain objects.
  const runtime = {
    name: 'browser',
    stores: [{ name: 'memory', open: memoryStore }],
    bareRequests: true,
  }
  const names = (await cases(runtime)).map(({ name }) => name)
  let done = 0
  const result = await run(runtime, () => {
    done += 1
    writeLine(`Running: ${done} of ${names.length} done.`)
  })
  finish(result, names)
}

function finish({ passed, failed, skipped }, names) {
  window.harness = { passed, failed: failed.length, skipped: skipped.length, failures: failed }
  writeLine(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped.`)
  document.getElementById('results').replaceChildren(...rows(failed, skipped, names))
  document.documentElement.dataset.done = failed.length === 0 && passed > 0 ? 'passed' : 'failed'
}

/** Failures are shown first. */
function rows(failed, skipped, names) {
  const others = new Set([...failed, ...skipped].map(({ name }) => name))
  const passed = names.filter((name) => !others.has(name))
  return [
    ...failed.map(({ name, message }) => row('failed', name, message)),
    ...skipped.map(({ name, why }) => row('skipped', name, why)),
    ...passed.map((name) => row('passed', name)),
  ]
}

function row(outcome, name, detail) {
  const item = document.createElement('li')
  item.dataset.outcome = outcome
  item.append(part('b', outcome), part('span', name))
  if (detail) item.append(part('p', detail))
  return item
}

function part(name, text) {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

function writeLine(text) {
  document.getElementById('counts').textContent = text
}
