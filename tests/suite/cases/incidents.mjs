// Incidents of other products as scripts for a store and a clock, through the packed package.
import { equal } from '../assert.mjs'
import { cases as honest } from './incidents-honest.mjs'
import { cases as hostile } from './incidents-hostile.mjs'

const describeIncident = [...honest, ...hostile]

export const cases = [
  ...describeIncident,
  {
    name:
      'every incident of the conformance data, where it lies beside the repository, is told here',
    async run({ runtime }) {
      const here = new Set(describeIncident.map(({ name }) => name.split(':')[0]))
      equal((runtime.incidents ?? []).filter((id) => !here.has(id)), [], 'incidents without a case')
    },
  },
]
