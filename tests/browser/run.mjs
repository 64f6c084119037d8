/**
 * This program runs the demo in a real browser. The checks run in this order: the journey of one
 * user, the appearance of the page, the conformance suite inside the browser, and portcullis/client
 * in several tabs. Screenshots go to target/screenshots/.
 *
 * The program prints a line for each check that failed. The last line is JSON.
 */
import { createBrowserSite, findChromium } from './chromium.mjs'
import { cookies } from './cookies.mjs'
import { demoServerChecks } from './demo-server.mjs'
import { origins } from './origins.mjs'
import { pageAppearanceChecks } from './page-appearance.mjs'
import { tabs } from './tabs.mjs'
import { userJourneyChecks } from './user-journey.mjs'

const checks = [
  ...userJourneyChecks,
  ...pageAppearanceChecks,
  ...demoServerChecks,
  ...tabs,
  ...origins,
  ...cookies,
]
const chromium = findChromium()
const report = chromium === undefined
  ? {
    version: 'none',
    passed: 0,
    failed: 0,
    skipped: [{
      name: 'the demo in a browser',
      why: 'no chromium on the PATH: install it (Debian: apt-get install chromium)',
    }],
  }
  : await runAll(chromium)

console.log(JSON.stringify({ suite: 'browser', engine: 'Chromium', ...report }))
process.exitCode = report.failed > 0 ? 1 : 0

async function runAll(chromium) {
  const tally = { version: 'unknown', passed: 0, failed: 0, skipped: [] }
  let world
  await runOne(tally, world, 'the demo and the browser start', async () => {
    world = await createBrowserSite(chromium)
  })
  if (world === undefined) return tally
  tally.version = world.browser.version()
  for (const [name, check] of checks) await runOne(tally, world, name, check)
  await world.close()
  return tally
}

async function runOne(tally, world, name, check) {
  try {
    await check(world)
    tally.passed += 1
  } catch (error) {
    tally.failed += 1
    console.log(`FAILED ${name}: ${oneLine(String(error?.message ?? error))}`)
  }
}

/** Each failure is reported on one line, so colours and line breaks are removed. */
function oneLine(message) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours start with this character.
  return message.replaceAll(/\u001b\[\d+m/g, '').trim().replaceAll(/\s*\n\s*/g, ' | ')
}
