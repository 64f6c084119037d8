// These cases test how node:http sends the session headers and web responses.
import { connect } from 'node:net'
import { protect, protectMaybeSync, sendHeaders, sendResponse } from 'portcullis/node'
import { equal } from '../suite/assert.mjs'
import { raw, served, signInSession } from './loopback.mjs'
import { makeSite } from './site.mjs'

export const cases = [
  {
    name:
      'sendHeaders keeps other headers, and a later call replaces the cookies of an earlier one',
    async run() {
      const text = await served((_, outgoing) => {
        outgoing.setHeader('Set-Cookie', [
          'theme=dark',
          'access=old; Path=/',
          'theme=theirs; path=/a',
        ])
        outgoing.setHeader('Vary', 'Accept, COOKIE')
        const afterRefresh = new Headers([
          ['set-cookie', 'access=1; Path=/'],
          ['set-cookie', 'refresh-1=1; Path=/'],
          ['set-cookie', 'theme=ours; Path=/a'],
          ['vary', 'Cookie'],
          ['cache-control', 'no-store'],
        ])
        sendHeaders(afterRefresh, outgoing)
        equal(outgoing.getHeader('set-cookie'), [
          'theme=dark',
          'access=1; Path=/',
          'refresh-1=1; Path=/',
          'theme=ours; Path=/a',
        ], 'cookies by name and path')
        sendHeaders(
          new Headers([['set-cookie', 'access=; Path=/; Max-Age=0'], ['vary', 'Cookie, Origin']]),
          outgoing,
        )
        sendHeaders(new Headers({ vary: '*' }), outgoing)
        outgoing.end()
      }, (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example']))
      const of = (name) =>
        text.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name}: `)).map((
          line,
        ) => line.slice(name.length + 2))
      equal(of('set-cookie'), ['theme=dark', 'access=; Path=/; Max-Age=0'], 'cookies')
      equal(
        [of('vary'), of('cache-control')],
        [['Accept, COOKIE, Origin, *'], ['no-store']],
        'Vary and Cache-Control',
      )
    },
  },
  {
    name: 'a body that fails closes the connection, and a body that is not read is not produced',
    async run() {
      let failure
      const text = await served(async (_, outgoing) => {
        const pieces = [() => new TextEncoder().encode('half'), () => {
          throw new Error('broken')
        }]
        const body = new ReadableStream({
          pull: (controller) => controller.enqueue(pieces.shift()()),
        }, { highWaterMark: 0 })
        await sendResponse(new Response(body), outgoing).catch((error) => (failure = error.message))
      }, (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example']))
      equal(
        [failure, text.includes('0\r\n\r\n')],
        ['broken', false],
        'the failure, and an incomplete body',
      )
      let made = 0
      let cancelled
      let over = new Promise((resolve) => (cancelled = resolve))
      await served(async (_, outgoing) => {
        const body = new ReadableStream({
          pull: (controller) => void controller.enqueue(new Uint8Array((made += 1) && 65536)),
          cancel: cancelled,
        }, { highWaterMark: 0 })
        over = Promise.all([
          over,
          sendResponse(new Response(body), outgoing).catch(() => undefined),
        ])
      }, async (port) => {
        const socket = connect(
          port,
          '127.0.0.1',
          () => socket.write('GET / HTTP/1.1\r\nHost: app.example\r\n\r\n'),
        )
        await new Promise((resolve) => socket.once('data', resolve))
        socket.pause()
        await new Promise((resolve) => setTimeout(resolve, 100))
        const before = made
        await new Promise((resolve) => setTimeout(resolve, 100))
        equal(made, before, 'chunks that are produced for a client that does not read')
        socket.destroy()
        await over
      })
    },
  },
  ...Object.entries({ protect, protectMaybeSync: async (...given) => protectMaybeSync(...given) })
    .map((
      [name, way],
    ) => ({
      name: `${name} of node:http answers as sessions.protect does, and sets the response headers`,
      async run() {
        const { sessions } = makeSite()
        const { session, cookie, refresh } = await signInSession(sessions)
        const said = []
        const sent = (lines, options, which = sessions) =>
          served(async (incoming, outgoing) => {
            outgoing.setHeader('vary', 'Accept')
            const answer = await way(which, incoming, outgoing, options).catch((error) => error)
            said.push([
              answer.ok ?? answer.code,
              answer.session?.id ?? null,
              answer.refreshed ?? null,
              outgoing.getHeader('vary'),
              [outgoing.getHeader('set-cookie') ?? []].flat().length,
            ])
            outgoing.end()
          }, (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example', ...lines]))
        await sent([`Cookie: ${cookie}`])
        await sent([`cookie: ${cookie}`], { origin: 'http://app.example', refreshEarlySeconds: 1 })
        await sent([`Cookie: ${cookie}`], { checkStore: true })
        await sent([`Cookie: ${refresh}`])
        await sent([])
        // An application may wrap its sessions.
        const calls = []
        const wrapped = {
          ...sessions,
          protect: (...given) => calls.push(given.length) && sessions.protect(...given),
        }
        await sent([`Cookie: ${cookie}`], undefined, wrapped)
        await sent([`Cookie: ${cookie}`], { refreshEarlySeconds: -1 })
        await sent([`Cookie: ${cookie}`], { origin: 'app.example' })
        equal(said.map((one) => one.map((part) => (part === session.id ? 'theirs' : part))), [
          [true, 'theirs', false, 'Accept, Cookie', 0],
          [true, 'theirs', false, 'Accept, Cookie', 0],
          [true, 'theirs', false, 'Accept, Cookie', 0],
          [true, 'theirs', true, 'Accept, Cookie', said[3][4]],
          [false, null, null, 'Accept', 0],
          [true, 'theirs', false, 'Accept, Cookie', 0],
          ['ERR_ARGUMENT', null, null, 'Accept', 0],
          ['ERR_CONFIG', null, null, 'Accept', 0],
        ], 'the results')
        equal(
          [said[3][4] > 0, calls.length],
          [true, 1],
          'cookies of a refresh, and calls of the wrapped sessions',
        )
      },
    })),
  {
    name: 'protectMaybeSync of node:http answers at once if the access token is enough',
    async run() {
      const { sessions } = makeSite()
      const { cookie, refresh } = await signInSession(sessions)
      const found = []
      const sent = (lines, options) =>
        served(async (incoming, outgoing) => {
          const answer = protectMaybeSync(sessions, incoming, outgoing, options)
          found.push([answer instanceof Promise, (await answer).ok])
          outgoing.end()
        }, (port) => raw(port, ['GET / HTTP/1.1', 'Host: app.example', ...lines]))
      await sent([`Cookie: ${cookie}`])
      await sent([`Cookie: ${cookie}`], { refreshEarlySeconds: 1 })
      await sent([`Cookie: ${cookie}`], { checkStore: true })
      await sent([`Cookie: ${refresh}`])
      await sent([])
      equal(
        found,
        [[false, true], [false, true], [true, true], [true, true], [true, false]],
        'whether the result is a promise, and whether it is ok',
      )
    },
  },
]
