// Incidents of other products, as scripts for a store and a clock on the packed package.
import { equal } from '../assert.mjs'
import { cases as honest } from './incidents-honest.mjs'
import { cases as hostile } from './incidents-hostile.mjs'

const describeIncident = [...honest, ...hostile]

export const cases = [
  ...describeIncident,
  {
    name: 'every incident has a case, if the conformance data is beside the repository',
    async run({ runtime }) {
      const here = new Set(describeIncident.map(({ name }) => name.split(':')[0]))
      equal((runtime.incidents ?? []).filter((id) => !here.has(id)), [], 'incidents without a case')
    },
  },
]
