// This file collects the adapter cases that run on Node.js.
import { cases as children, skipped } from './children.mjs'
import { cases as incoming } from './incoming.mjs'
import { cases as innerRequests } from './inner-requests.mjs'
import { cases as options } from './options.mjs'
import { cases as outgoing } from './outgoing.mjs'
import { cases as servers } from './servers.mjs'
import { cases as types } from './types.mjs'

export const cases = [...incoming, ...outgoing, ...options, ...innerRequests, ...servers]

/** These cases do not depend on the Node.js version, so one run of them is enough. */
export const once = { cases: [...children, ...types], skipped }
