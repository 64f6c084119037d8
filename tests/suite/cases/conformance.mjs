// The conformance suite for stores, run on every store. The suite is tested itself: adapters that
// break one rule each must get the message for that rule.
import { storeConformance } from 'portcullis/testing/stores'
import { equal, ok, throwsCode } from '../assert.mjs'
import { BROKEN } from './broken-stores.mjs'

/** Every rule on one store of a runtime: [{ name, run }]. */
export function conformance({ open, conformance: options }) {
  return storeConformance({ openStore: open, ...options })
}

/** Options that test a store in memory quickly. */
const QUICK = { contentionRounds: 2, keyCount: 100, expiryDelayMs: 200 }

/** The findings of the suite on a store: a sentence for each failed case. */
export async function verdict(options) {
  const said = await Promise.all(
    storeConformance({ ...QUICK, ...options }).map(({ run }) =>
      run().then(() => null, (error) => error.message)
    ),
  )
  return said.filter((sentence) => sentence !== null)
}

export const cases = [
  ...BROKEN.map(([words, open, sentence]) => ({
    name: `the conformance suite finds a store that ${words}`,
    async run() {
      const said = await verdict({ openStore: open })
      for (const one of said) {
        ok(
          /^\S.* (answered|gave|threw|had|has|is|came|changed) .*: .+\.$/.test(one),
          `a sentence with the call, its result and the rule, not "${one}"`,
        )
      }
      ok(
        said.some((one) => (sentence instanceof RegExp ? sentence.test(one) : one === sentence)),
        `the sentence\n  ${sentence}\nnot\n  ${said.join('\n  ') || 'nothing'}\n`,
      )
    },
  })),
  {
    name: 'a store that cannot be reached may only throw',
    async run() {
      const failing = async () => {
        throw new Error('connection refused')
      }
      const sure = async () => null
      const hanging = () => new Promise(() => {})
      const said = async (get, swap) => {
        const cases = storeConformance({
          openStore: () => ({}),
          openUnreachableStore: () => ({ get, swap }),
          unreachableTimeoutMs: 30,
        })
        return cases.at(-1).run().then(() => null, (error) => error.message)
      }
      const withReason = 'it must throw in time, because any answer would be taken for the truth.'
      equal(await said(failing, failing), null, 'a store that throws')
      equal(
        await said(sure, failing),
        `get of a store that cannot be reached answered null: ${withReason}`,
      )
      equal(
        await said(failing, async () => false),
        `swap of a store that cannot be reached answered false: ${withReason}`,
      )
      equal(
        await said(failing, hanging),
        `swap of a store that cannot be reached was not done after 30 ms: ${withReason}`,
      )
    },
  },
  {
    name: 'the conformance suite rejects invalid options',
    async run() {
      const open = () => ({})
      for (
        const bad of [
          undefined,
          {},
          { openStore: 7 },
          { openStore: open, contentionRounds: 0 },
          { openStore: open, keyCount: 1.5 },
          { openStore: open, expiryDelayMs: '5' },
          { openStore: open, maxValueBytes: 131_073 },
          { openStore: open, unreachableTimeoutMs: Infinity },
        ]
      ) await throwsCode('ERR_CONFIG', () => storeConformance(bad))
    },
  },
  {
    name: 'a case closes the stores that it opened, even if it fails',
    async run() {
      const closed = []
      const options = {
        openStore: () => ({ get: () => null, swap: () => false }),
        closeStore: (store) => closed.push(store),
        ...QUICK,
      }
      const said = await verdict(options)
      const count = storeConformance(options).length
      equal(
        [closed.length, said.length > 5 && said.length < count],
        [count, true],
        'closed stores, and whether some cases failed',
      )
    },
  },
]
