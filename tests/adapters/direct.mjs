// What needs no server: a fetch handler and Hono, asked by the runtime that they are on.
import { fetchApp } from './fetch.mjs'
import { direct } from './flow.mjs'
import { honoApp } from './hono.mjs'

export const cases = [
  ...direct('a fetch handler', fetchApp, ['needs an error page']),
  ...direct('Hono', (site) => honoApp(site).fetch),
]
