// A fetch handler and Hono are plain functions, so these cases call them without a server.
import { fetchApp } from './fetch.mjs'
import { direct } from './flow.mjs'
import { honoApp } from './hono.mjs'

export const cases = [
  ...direct('a fetch handler', fetchApp, ['needs an error page']),
  ...direct('Hono', (site) => honoApp(site).fetch),
]
