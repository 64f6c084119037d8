// Walks through the steps on one site.
import { equal } from '../suite/assert.mjs'
import { Browser } from '../suite/support.mjs'
import { makeSite } from './site.mjs'
import { STEPS } from './steps.mjs'

let users = 0

/** A browser that sends what it asks for. `send`: from a Request to a Response. */
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
 * The cases of a framework: a step each. `open` gives its site, once: { origin, send, control,
 * close? }. `lacks`: what it does not have that a step may need.
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
  return [...all, { name: `${name}: it ends when it is told to`, run: close }]
}

/** A function from requests to responses, asked without a network. */
export function direct(name, makeApp, lacks) {
  return casesOf(name, async () => {
    const site = makeSite()
    return { origin: 'https://app.example', send: makeApp(site), control: site.control }
  }, lacks)
}
