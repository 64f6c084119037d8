// This file makes cases that run every step on one site.
import { equal } from '../suite/assert.mjs'
import { Browser } from '../suite/support.mjs'
import { makeSite } from './site.mjs'
import { STEPS } from './steps.mjs'

let users = 0

/** This browser sends its requests with `send`, which takes a Request and gives a Response. */
class TestBrowser extends Browser {
  constructor(origin, send) {
    super({ runtime: {}, origin })
    this.transport = send
  }

  async send(options) {
    return this.keep(await this.transport(this.request(options)))
  }
}

/**
 * This function makes one case for each step. `open` is called once and gives the site: { origin,
 * send, control, close? }. `lacks` names features that the framework does not have. Steps that need
 * one of them are left out.
 */
export function casesOf(name, open, lacks = []) {
  let site
  const all = STEPS.filter(([, , need]) => !lacks.includes(need)).map(([words, step]) => ({
    name: `${name}: ${words}`,
    async run() {
      site ??= open()
      const { origin, send, control } = await site
      const subject = `user-${(users += 1)}`
      const browser = new TestBrowser(origin, send)
      const signIn = await browser.send({ path: `/sign-in?subject=${subject}` })
      equal([signIn.status, await signIn.text()], [200, 'in'], 'the sign-in')
      await step({ browser, control, subject })
    },
  }))
  const close = async () => (await site)?.close?.()
  return [...all, { name: `${name}: the site closes`, run: close }]
}

/** These cases call a function from requests to responses directly, without a network. */
export function direct(name, makeApp, lacks) {
  return casesOf(name, async () => {
    const site = makeSite()
    return { origin: 'https://app.example', send: makeApp(site), control: site.control }
  }, lacks)
}
