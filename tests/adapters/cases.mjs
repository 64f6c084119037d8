// All that Node.js can test of the adapters.
import { cases as children, skipped } from './children.mjs'
import { cases as incoming } from './incoming.mjs'
import { cases as options } from './options.mjs'
import { cases as outgoing } from './outgoing.mjs'
import { cases as servers } from './servers.mjs'
import { cases as types } from './types.mjs'

export const cases = [...incoming, ...outgoing, ...options, ...servers]

/** What does not depend on the Node that it is started from: once is enough. */
export const once = { cases: [...children, ...types], skipped }
