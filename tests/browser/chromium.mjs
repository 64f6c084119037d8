/** These helpers start the demo on a free port and a browser, and act on the pages. */
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium as playwright } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SCREENSHOTS = join(ROOT, 'target', 'screenshots')
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const CHROMIUM_ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'
    .split(' ')
const TIMEOUT_MS = 10_000

export const PASSWORD = 'open sesame'

export function findChromium() {
  const candidates = CHROMIUM_NAMES.flatMap((name) =>
    (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
  )
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export async function createBrowserSite(executablePath) {
  mkdirSync(SCREENSHOTS, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-demo-'))
  const world = {
    folder,
    complaints: [],
    visitor: (options) => visitor(world, options),
    close: () => close(world),
  }
  try {
    world.demo = await startDemo(['--port', '0', '--db', join(folder, 'new', 'sessions.db')])
    world.browser = await playwright.launch({ executablePath, args: CHROMIUM_ARGS })
    return world
  } catch (error) {
    await close(world)
    throw error
  }
}

async function close({ browser, demo, folder }) {
  await browser?.close()
  await demo?.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** This function starts www/server.mjs and waits for its port. `stop()` gives the exit code. */
export async function startDemo(args) {
  const child = spawn(process.execPath, [join(ROOT, 'www', 'server.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  // The demo must also end when this process ends without a call of `stop`.
  process.once('exit', () => child.kill())
  let output = ''
  const address = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk
      const found = /^listening on (http:\/\/localhost:\d+)$/m.exec(output)
      if (found) resolve(found[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    ended.then((code) =>
      reject(new Error(`the demo ended with ${code} before it listened:\n${output}`))
    )
    setTimeout(reject, TIMEOUT_MS, new Error(`the demo did not listen in time:\n${output}`))
      .unref()
  })
  const stop = (signal = 'SIGTERM') => {
    child.kill(signal)
    return ended
  }
  return { address, args, output: () => output, stop }
}

/**
 * Each visitor has its own browser context, so that visitors share no cookies. Errors in the pages
 * are added to `complaints`.
 */
async function visitor(world, options = {}) {
  const browserContext = await world.browser.newContext({
    baseURL: world.demo.address,
    viewport: { width: 1280, height: 1000 },
    ...options,
  })
  browserContext.setDefaultTimeout(TIMEOUT_MS)
  await browserContext.addInitScript(() => {
    document.addEventListener(
      'securitypolicyviolation',
      (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
    )
    window.shift = 0
    new PerformanceObserver((list) =>
      list.getEntries().forEach((entry) => (window.shift += entry.value))
    ).observe({ type: 'layout-shift', buffered: true })
  })
  browserContext.on('weberror', (error) => world.complaints.push(String(error.error())))
  browserContext.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal(message)) {
      world.complaints.push(`${message.text()} (${message.location().url})`)
    }
  })
  return browserContext
}

/**
 * Chromium writes every answer of 400 and above to the console. The checks cause such answers on
 * the routes of the demo, so these are not errors.
 */
function isRefusal(message) {
  const ofRoute = new URL(message.location().url || 'about:blank').pathname.startsWith('/api/')
  return ofRoute && /status of 40[0-9]/.test(message.text())
}

/** This function opens the page and waits until the page knows which user is signed in. */
export async function open(context, path = '/') {
  const page = await context.newPage()
  await page.goto(path)
  await settled(page)
  return page
}

export async function settled(page) {
  await page.locator('main:not([data-state="loading"]):not([aria-busy])').waitFor()
}

/** This function runs an action and gives the new lines of the event log, the oldest first. */
export async function performAction(page, gesture) {
  const before = await page.locator('#log li').count()
  await gesture()
  await page.locator(`#log li:nth-child(${before + 1})`).waitFor({ state: 'attached' })
  await settled(page)
  const lines = await page.locator('#log li').allInnerTexts()
  return lines.slice(0, lines.length - before).reverse().join(' | ')
}

export async function signIn(page, name) {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  const said = await performAction(
    page,
    () => page.getByRole('button', { name: 'Sign in' }).click(),
  )
  assert(said.includes('Signed in as'), said)
}

export const isSignedIn = (page) => page.getByRole('heading', { name: 'This session' }).isVisible()
export const sessionId = (page) => page.locator('.facts [data-field="id"]').innerText()
export const generation = async (page) =>
  Number(await page.locator('.facts [data-field="generation"]').innerText())

export async function screenshot(page, name, fullPage = true) {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage })
}

export function assert(truth, message = 'the assertion failed') {
  if (!truth) throw new Error(message)
}
