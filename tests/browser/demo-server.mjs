/** These checks test how the demo answers the harness, other sites, a port in use, and Ctrl-C. */
import { assert, screenshot, startDemo } from './chromium.mjs'

export const demoServerChecks = [
  ['the conformance suite passes inside the browser', harness],
  ['a POST from another site and a request for another host are rejected', foreignOrigin],
  ['every answer forbids inline scripts, framing and sniffing', securityHeaders],
  ['nothing outside the three open folders can be read', closedRoutes],
  ['a second demo on a port in use prints advice and ends with exit code 1', takenPort],
  ['Ctrl-C ends the demo with exit code 0', interrupt],
  [
    'the pages wrote no error to the console and broke no rule of the Content-Security-Policy',
    quietConsole,
  ],
]

async function harness(world) {
  const browserContext = await world.visitor()
  const page = await browserContext.newPage()
  await page.goto('/harness.html')
  await page.locator('html[data-done]').waitFor({ timeout: 120_000 })
  await screenshot(page, 'harness')
  const result = await page.evaluate(() => ({
    done: document.documentElement.dataset.done,
    ...window.harness,
  }))
  await browserContext.close()
  assert(
    result.done === 'passed',
    result.failures.map(({ name, message }) => `${name}: ${message}`).join('\n') || 'no case ran',
  )
}

async function foreignOrigin({ demo }) {
  const body = JSON.stringify({ name: 'your name', password: 'open sesame' })
  const post = (headers, address = demo.address) =>
    fetch(`${address}/api/sign-in`, { method: 'POST', headers, body })
  const { origin, port } = new URL(demo.address)
  assert((await post({ origin })).status === 200, 'the same origin should be accepted')
  assert((await post({ origin: 'https://elsewhere.example' })).status === 403)
  assert((await post({ origin: 'null' })).status === 403)
  assert((await post({ origin, 'sec-fetch-site': 'cross-site' })).status === 403)
  const other = await send(port, 'elsewhere.example')
  assert(other >= 400, `the response for another host was ${other}`)
}

/** This function uses node:http because `fetch` does not allow a chosen Host header. */
async function send(port, host) {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const headers = { host, origin: `http://${host}`, 'content-type': 'application/json' }
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: '/api/sign-in',
      method: 'POST',
      headers,
    }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify({ name: 'your name', password: 'open sesame' }))
  })
}

async function securityHeaders({ demo }) {
  for (const path of ['/', '/harness.html', '/app.js', '/api/session', '/no-such-page']) {
    const { headers } = await fetch(`${demo.address}${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    for (
      const rule of [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "frame-ancestors 'none'",
      ]
    ) assert(policy.includes(rule), `${path}: ${rule}`)
    assert(!policy.includes('unsafe-inline'), path)
    assert(
      headers.get('x-content-type-options') === 'nosniff' && headers.has('referrer-policy'),
      path,
    )
  }
}

async function closedRoutes({ demo }) {
  for (
    const path of [
      '/server.mjs',
      '/www/server.mjs',
      '/pkg/package.json',
      '/pkg/dist/',
      '/pkg/dist/..%2fpackage.json',
      '/tests/suite/%2e%2e%2fpackage.json',
      '/pkg/dist/%00',
    ]
  ) {
    const { status } = await fetch(`${demo.address}${path}`)
    assert(status === 404, `${path}: ${status}`)
  }
}

async function takenPort({ demo }) {
  const { port } = new URL(demo.address)
  const error = await startDemo([...demo.args, '--port', port]).then(
    () => new Error('it started'),
    (error) => error,
  )
  assert(
    /ended with 1 /.test(error.message) && error.message.includes(`Port ${port} is taken`)
      && error.message.includes('--port'),
    error.message,
  )
}

async function interrupt({ demo }) {
  const second = await startDemo([...demo.args, '--port', '0'])
  const code = await second.stop('SIGINT')
  assert(code === 0, `the demo ended with ${code}:\n${second.output()}`)
}

function quietConsole({ complaints }) {
  assert(complaints.length === 0, complaints.join('\n'))
}
