// These cases run each framework on its own port.
import { createServer } from 'node:http'
import { sendResponse, toRequest } from 'portcullis/node'
import { expressApp } from './express.mjs'
import { fastifyApp } from './fastify.mjs'
import { fetchApp } from './fetch.mjs'
import { casesOf } from './flow.mjs'
import { honoApp } from './hono.mjs'
import { nodeApp } from './node-http.mjs'
import { makeSite } from './site.mjs'

const APPS = [
  ['node:http', async (site) => nodeApp(site)],
  ['a fetch handler on node:http', async (site) => bridged(fetchApp(site))],
  ['Hono', async (site) => bridged(honoApp(site).fetch)],
  ['Express', async (site) => expressApp(site)],
  ['Fastify', async (site) => (await fastifyApp(site)).routing],
]

export const cases = APPS.flatMap(([name, make]) => casesOf(name, () => opened(make)))

async function opened(make) {
  const site = makeSite()
  const server = createServer(await make(site))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  const send = (request) => fetch(request, { redirect: 'manual' })
  return { origin: `http://127.0.0.1:${server.address().port}`, send, control: site.control, close }
}

/** This function runs a handler of web-standard requests on node:http. */
function bridged(handler) {
  return async (incoming, outgoing) => {
    try {
      await sendResponse(await handler(toRequest(incoming)), outgoing)
    } catch {
      outgoing.writeHead(500).end('Broken')
    }
  }
}
