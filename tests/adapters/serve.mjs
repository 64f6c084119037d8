// This program runs the fetch handler on the server of Deno or Bun. `deno run adapters/serve.mjs`
// or `bun run adapters/serve.mjs` starts it. The program prints its port, runs the controls at POST
// /control/VERB?WORD, and ends when its standard input ends.
import process from 'node:process'
import { fetchApp } from './fetch.mjs'
import { makeSite } from './site.mjs'

const site = makeSite()
const app = fetchApp(site)

async function answer(request) {
  const { pathname, search } = new URL(request.url)
  if (!pathname.startsWith('/control/')) {
    return app(request).catch(() => new Response('Broken', { status: 500 }))
  }
  await site.control[pathname.slice('/control/'.length)](search.slice(1))
  return new Response('done')
}

const server = globalThis.Deno
  ? globalThis.Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => undefined }, answer)
  : globalThis.Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer })
console.log(JSON.stringify({ port: server.port ?? server.addr.port }))
process.stdin.on('end', () => process.exit(0)).resume()
