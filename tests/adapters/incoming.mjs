// These cases turn requests of node:http into web-standard requests. Some of the requests are ones
// that no browser sends.
import { connect, createServer } from 'node:http2'
import { requestHead, sendResponse, toRequest } from 'portcullis/node'
import { equal, ok, throwsCode } from '../suite/assert.mjs'
import { raw, readResponse, served } from './loopback.mjs'

const HTTP = 'http://app.example'

/**
 * Each entry is [title, request lines, options, expected address or error code, expected headers].
 */
const HEADS = [
  [
    'the Host header gives the address',
    ['GET /a?b=c HTTP/1.1', 'Host: app.example:8080'],
    {},
    'http://app.example:8080/a?b=c',
  ],
  ['the Host can be an address', ['GET / HTTP/1.1', 'Host: [::1]:80'], {}, 'http://[::1]:80/'],
  ['the option origin overrides the Host', ['GET /a HTTP/1.1', 'Host: evil.example'], {
    origin: 'https://app.example',
  }, 'https://app.example/a'],
  [
    'forwarding headers are ignored',
    [
      'GET / HTTP/1.1',
      'Host: app.example',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: evil.example',
      'Forwarded: host=evil.example;proto=https',
    ],
    {},
    `${HTTP}/`,
  ],
  [
    'a target that starts with two slashes is a path',
    ['GET //evil.example/a HTTP/1.1', 'Host: app.example'],
    {},
    `${HTTP}//evil.example/a`,
  ],
  [
    'only the path and the query of an absolute target are used',
    ['GET http://evil.example/a?b HTTP/1.1', 'Host: app.example'],
    {},
    `${HTTP}/a?b`,
  ],
  [
    'an absolute target without a path means the root',
    ['GET http://evil.example?b HTTP/1.1', 'Host: app.example'],
    {},
    `${HTTP}/?b`,
  ],
  ['the target * is the root', ['OPTIONS * HTTP/1.1', 'Host: app.example'], {}, `${HTTP}/`],
  [
    'several Cookie headers are joined',
    ['GET / HTTP/1.1', 'Host: app.example', 'Cookie: a=1', 'cookie: b=2; c=3'],
    {},
    `${HTTP}/`,
    { cookie: 'a=1; b=2; c=3' },
  ],
  [
    'two values of one header are joined',
    [
      'GET / HTTP/1.1',
      'Host: app.example',
      'Authorization: Bearer a',
      'Authorization: Bearer b',
      'Origin: x',
      'Origin: y',
    ],
    {},
    `${HTTP}/`,
    { AUTHORIZATION: 'Bearer a, Bearer b', origin: 'x, y', referer: null },
  ],
  [
    'header names ignore case, and a similar name is not found',
    [
      'GET / HTTP/1.1',
      'HOST: app.example',
      'COOKIE: a=1',
      'Accept: b',
      'X-CSRF-Token: c',
      'x-csrf-tokem: d',
    ],
    {},
    `${HTTP}/`,
    {
      cookie: 'a=1',
      Cookie: 'a=1',
      accept: 'b',
      'x-csrf-token': 'c',
      'X-CSRF-TOKEN': 'c',
      dookie: null,
      range: null,
    },
  ],
  ['no Host', ['GET / HTTP/1.0'], {}, 'ERR_ARGUMENT'],
  ['two Hosts', ['GET / HTTP/1.1', 'Host: app.example', 'Host: app.example'], {}, 'ERR_ARGUMENT'],
  ['a Host with a user', ['GET / HTTP/1.1', 'Host: app.example@evil.example'], {}, 'ERR_ARGUMENT'],
  ['a Host with a path', ['GET / HTTP/1.1', 'Host: evil.example/?'], {}, 'ERR_ARGUMENT'],
  ['an empty Host', ['GET / HTTP/1.1', 'Host:'], {}, 'ERR_ARGUMENT'],
  ['a Host that is too long', ['GET / HTTP/1.1', `Host: ${'a'.repeat(256)}`], {}, 'ERR_ARGUMENT'],
  ['an origin with a path', ['GET / HTTP/1.1', 'Host: app.example'], {
    origin: 'https://app.example/',
  }, 'ERR_CONFIG'],
  [
    'an origin without a scheme',
    ['GET / HTTP/1.1', 'Host: app.example'],
    { origin: 'app.example' },
    'ERR_CONFIG',
  ],
]

export const cases = [
  ...HEADS.map(([words, ...rest]) => ({
    name: `a request of node:http: ${words}`,
    run: () => headCase(...rest),
  })),
  {
    name: 'HTTP/2: pseudo-headers are left out, the authority is the host, cookies are joined',
    async run() {
      let found
      const server = createServer((incoming, outgoing) => {
        if (incoming.headers.host !== undefined) {
          return throwsCode('ERR_ARGUMENT', () => toRequest(incoming)).then(
            ({ status }) => outgoing.writeHead(status).end(),
            () => outgoing.end(),
          )
        }
        const { url, headers } = toRequest(incoming)
        found = [
          url,
          headers.get('cookie'),
          [...headers.keys()].filter((name) => name.startsWith(':')),
        ]
        sendResponse(
          new Response('two', {
            headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['vary', 'Cookie']],
          }),
          outgoing,
        )
      })
      await served(null, async (port) => {
        const client = connect(`http://127.0.0.1:${port}`)
        const stream = client.request({
          ':path': '/a',
          ':authority': 'app.example',
          cookie: ['x=1', 'y=2'],
        })
        const headers = await new Promise((resolve) => stream.once('response', resolve))
        equal(
          [headers['set-cookie'], headers.vary],
          [['a=1', 'b=2'], 'Cookie'],
          'the received headers',
        )
        let text = ''
        for await (const chunk of stream) text += chunk
        equal(text, 'two', 'the body')
        const other = client.request({
          ':path': '/a',
          ':authority': 'app.example',
          host: 'evil.example',
        })
        equal(
          (await new Promise((resolve) => other.once('response', resolve)))[':status'],
          400,
          'the status, if the authority is not the Host',
        )
        other.resume()
        await new Promise((resolve) => client.close(resolve))
      }, server)
      equal(found, ['http://app.example/a', 'x=1; y=2', []], 'the request')
    },
  },
  {
    name: 'toRequest does not read a body before the application does',
    async run() {
      const [whole, own, late] = await bodies(async (incoming) => {
        const request = toRequest(incoming)
        if (incoming.url === '/whole') return request.text()
        let text = ''
        for await (const chunk of incoming) text += chunk
        return incoming.url === '/own' ? text : request.text().catch((error) => error.code)
      })
      equal([whole, own, late], ['hello', 'hello', 'ERR_ARGUMENT'], 'the bodies')
    },
  },
  {
    name: 'an application can cancel a body and still answer, and the connection stays open',
    async run() {
      const text = await served(
        async (incoming, outgoing) => {
          const reader = toRequest(incoming).body?.getReader()
          await reader?.read()
          await reader?.cancel()
          outgoing.end(`answer to ${incoming.url}`)
        },
        (port) =>
          raw(
            port,
            [
              'POST /first HTTP/1.1',
              'Host: app.example',
              `Content-Length: ${1 << 22}`,
              'Connection: keep-alive',
            ],
            `${
              'x'.repeat(1 << 22)
            }GET /second HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n`,
          ),
      )
      ok(
        text.includes('answer to /first') && text.includes('answer to /second'),
        `both answers, not ${text}`,
      )
    },
  },
  {
    name: 'a method that a web Request cannot have is an error with a status',
    async run() {
      const error = await throwsCode(
        'ERR_ARGUMENT',
        () =>
          readResponse(
            ['TRACE / HTTP/1.1', 'Host: app.example'],
            (incoming) => toRequest(incoming),
          ),
      )
      equal(error.status, 400, 'the status')
    },
  },
]

async function headCase(lines, options, expected, headers = {}) {
  if (expected.startsWith('ERR_')) {
    return void (await throwsCode(
      expected,
      () => readResponse(lines, (incoming) => toRequest(incoming, options)),
    ))
  }
  const [head, whole] = await readResponse(
    lines,
    (incoming) => [requestHead(incoming, options), toRequest(incoming, options)],
  )
  equal([head.url, head.method], [expected, lines[0].split(' ')[0]], 'the head')
  equal(whole.url, new URL(expected).href, 'the address of the whole request')
  for (const [name, value] of Object.entries(headers)) {
    equal([head.headers.get(name), head.headers.has(name), whole.headers.get(name)], [
      value,
      value !== null,
      value,
    ], name)
  }
  equal([...head.headers].sort(), [...whole.headers].sort(), 'all headers')
}

/** This function sends one small body to three paths and gives the three answers. */
async function bodies(read) {
  return served(
    async (incoming, outgoing) => outgoing.end(await read(incoming)),
    (port) =>
      Promise.all(
        ['/whole', '/own', '/late'].map((path) =>
          fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'hello' }).then((
            response,
          ) => response.text())
        ),
      ),
  )
}
