/** These checks test the contrast, width and stability of the page. Some save screenshots. */
import { assert, open, screenshot, signIn } from './chromium.mjs'

/** This is the longest name that the form accepts. A line cannot break inside it. */
const LONG_NAME = 'a-name-without-spaces-'.repeat(3).slice(0, 64)

export const pageAppearanceChecks = [
  [
    'the light theme gives every text a contrast of 4.5 or more',
    (world) => contrast(world, 'light'),
  ],
  [
    'the dark theme gives every text a contrast of 4.5 or more',
    (world) => contrast(world, 'dark'),
  ],
  ['the page does not scroll sideways at 360 pixels, even with the longest name', narrow],
  ['the page does not jump while it loads', reducedMotion],
  ['every control has a name, and is at least 24 pixels high', controls],
]

async function contrast(world, colorScheme) {
  const browserContext = await world.visitor({ colorScheme })
  const page = await open(browserContext)
  await screenshot(page, `sign-in-${colorScheme}`)
  const signedOut = await page.evaluate(weakTexts)
  await signIn(page, `in ${colorScheme}`)
  const otherPlace = await open(await world.visitor())
  await signIn(otherPlace, `in ${colorScheme}`)
  await page.getByRole('button', { name: 'Refresh now' }).click()
  await page.locator('#sessions li:nth-child(2)').waitFor()
  await page.mouse.move(0, 0)
  await screenshot(page, `desktop-${colorScheme}`)
  const weak = [...signedOut, ...(await page.evaluate(weakTexts))]
  await browserContext.close()
  await otherPlace.context().close()
  assert(weak.length === 0, weak.join('\n'))
}

async function narrow(world) {
  const browserContext = await world.visitor({
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  })
  const page = await open(browserContext)
  await screenshot(page, 'phone-sign-in')
  const widths = [await page.evaluate(() => document.documentElement.scrollWidth)]
  await signIn(page, LONG_NAME)
  await screenshot(page, 'phone')
  widths.push(await page.evaluate(() => document.documentElement.scrollWidth))
  await page.locator('#sessions').getByRole('button', { name: /Revoke/ }).tap()
  // The highlight of the touch must fade before the screenshot.
  await page.waitForTimeout(500)
  await screenshot(page, 'phone-confirm', false)
  widths.push(await page.evaluate(() => document.documentElement.scrollWidth))
  await browserContext.close()
  assert(widths.every((width) => width <= 360), `widths: ${widths}`)
}

async function reducedMotion(world) {
  const browserContext = await world.visitor()
  const page = await open(browserContext)
  await page.waitForTimeout(300)
  const signedOut = await page.evaluate(() => window.shift)
  await signIn(page, 'a calm page')
  await page.reload()
  await page.locator('main[data-state="in"]').waitFor()
  // The clock on the page ticks twice in this time.
  await page.waitForTimeout(2200)
  const signInSession = await page.evaluate(() => window.shift)
  await browserContext.close()
  assert(
    signedOut < 0.01 && signInSession < 0.01,
    `layout shift: ${signedOut} signed out, ${signInSession} signed in`,
  )
}

async function controls(world) {
  const browserContext = await world.visitor()
  const page = await open(browserContext)
  await signIn(page, 'a careful reader')
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, input')]
      .filter((control) =>
        !(control.labels?.length || control.textContent.trim() || control.ariaLabel)
      )
      .map((control) => control.outerHTML)
  )
  const low = await page.evaluate(() =>
    [...document.querySelectorAll('button')].filter((button) =>
      button.checkVisibility() && button.getBoundingClientRect().height < 24
    ).length
  )
  await browserContext.close()
  assert(nameless.length === 0, nameless.join('\n'))
  assert(low === 0, `${low} buttons are not high enough`)
}

/**
 * This function runs in the page. The result lists the visible texts with too little contrast to
 * their background (WCAG 2.2, 1.4.3).
 */
function weakTexts() {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const channels = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((
      value,
    ) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at)
      if (channels(backgroundColor)[3] === 255) return backgroundColor
    }
    return 'white'
  }
  const ratio = (element) => {
    const [one, two] = [luminance(getComputedStyle(element).color), luminance(ground(element))]
      .sort((a, b) => b - a)
    return (one + 0.05) / (two + 0.05)
  }
  const hasText = (element) =>
    [...element.childNodes].some((node) =>
      node.nodeType === Node.TEXT_NODE && node.textContent.trim()
    )
  return [...document.body.querySelectorAll('*')]
    .filter((element) => hasText(element) && element.checkVisibility() && !element.disabled)
    .filter((element) => ratio(element) < 4.5)
    .map((element) => `${ratio(element).toFixed(2)}: ${element.textContent.trim().slice(0, 40)}`)
}
