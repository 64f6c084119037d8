import { forceTrap } from 'portcullis/testing'
import { equal, throwsCode } from '../assert.mjs'
import { signedIn } from '../world.mjs'

export const cases = ['abort', 'stack', 'memory'].map((how) => ({
  name: `after a trap the next call works: ${how}`,
  async run(world) {
    const { sessions, clock, browser } = await signedIn(world)
    clock.advance(31)
    for (let n = 0; n < 20; n += 1) {
      const error = await throwsCode('ERR_TRAP', () => forceTrap(how))
      equal([error.status, error.cause instanceof Error], [503, true], 'the error')
      equal(sessions.authenticate(browser.request()).ok, true, 'authenticate after a trap')
    }
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    equal(browser.keep(await sessions.refresh(browser.request())).rotated, true, 'refresh after a trap')
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    equal((await sessions.list('user-1')).length, 1, 'sessions after a trap')
    await throwsCode('ERR_TRAP', () => forceTrap(how))
    sessions.dispose()
    await throwsCode('ERR_DISPOSED', () => sessions.authenticate(browser.request()))
  },
}))
