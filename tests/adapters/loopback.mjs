// These helpers start a local server for one test and send raw bytes to it.
import { createServer } from 'node:http'
import { connect } from 'node:net'

/** This function runs a server until `ask` has finished. */
export async function served(
  listener,
  ask,
  server = createServer({ requireHostHeader: false }, listener),
) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await ask(server.address().port)
  } finally {
    server.closeAllConnections?.()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** This function sends raw bytes, because HTTP clients refuse to send some of these requests. */
export function raw(port, lines, body = '') {
  const closing = lines.some((line) => line.startsWith('Connection:')) ? [] : ['Connection: close']
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(
      port,
      '127.0.0.1',
      () => socket.write([...lines, ...closing, '', body].join('\r\n')),
    )
    socket.setTimeout(
      5_000,
      () => socket.destroy(new Error(`no more data arrived after ${JSON.stringify(text)}`)),
    )
    socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text)).on(
      'error',
      reject,
    )
  })
}

/** This function gives the result of `look` for one request. The response is empty. */
export function readResponse(lines, look) {
  return new Promise((resolve, reject) => {
    const listener = async (incoming, outgoing) => {
      await Promise.resolve(incoming).then(look).then(resolve, reject)
      outgoing.end()
    }
    served(listener, (port) => raw(port, lines)).catch(reject)
  })
}

/** This function signs a user in and gives the session and the cookies of the browser. */
export async function signInSession(sessions) {
  const { session, headers } = await sessions.signIn(
    new Request('http://app.example/', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    }),
    { subject: 'user-1' },
  )
  const pairs = headers.getSetCookie().map((line) => line.split(';')[0])
  return {
    session,
    cookie: pairs.join('; '),
    refresh: pairs.find((pair) => pair.includes('-refresh-')),
  }
}
