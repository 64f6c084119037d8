// This file has the test application for node:http without a framework.
import { Readable } from 'node:stream'
import { protect, requestHead, sendHeaders, sendResponse, toRequest } from 'portcullis/node'
import { subjectOfSignIn, threeWords } from './site.mjs'

const PAGES = {
  '/me': ({ session }, _, outgoing) => outgoing.end(JSON.stringify({ subject: session.subject })),
  '/own': (_, __, outgoing) => {
    outgoing.appendHeader('set-cookie', 'seen=1')
    outgoing.end('own')
  },
  '/go': (_, __, outgoing) => {
    outgoing.appendHeader('set-cookie', 'seen=1')
    outgoing.writeHead(303, { location: '/me' }).end()
  },
  '/stream': (_, __, outgoing) => Readable.from(threeWords()).pipe(outgoing),
  '/note': async (_, incoming, outgoing) => outgoing.end(await toRequest(incoming).text()),
}

export function nodeApp(site) {
  return (incoming, outgoing) =>
    answer(site, incoming, outgoing).catch(() => outgoing.writeHead(500).end('Broken'))
}

async function answer({ sessions, form }, incoming, outgoing) {
  const [path] = incoming.url.split('?')
  if (path.startsWith('/session/')) {
    return sendResponse(await sessions.handle(toRequest(incoming)), outgoing)
  }
  const head = requestHead(incoming)
  if (path === '/sign-in') {
    outgoing.setHeader('set-cookie', 'theme=dark')
    sendHeaders((await sessions.signIn(head, subjectOfSignIn(incoming.url))).headers, outgoing)
    return outgoing.end('in')
  }
  // This Vary is set first, because protect must keep it and add its own.
  if (path === '/own') outgoing.setHeader('vary', 'Accept-Encoding')
  const csrfToken = path === '/form'
    ? ((await toRequest(incoming).formData()).get('csrf') ?? undefined)
    : undefined
  const caller = await protect(
    path === '/form' ? form : sessions,
    incoming,
    outgoing,
    path === '/me' ? undefined : { checkStore: path === '/fresh', csrfToken },
  )
  if (path === '/open' && [400, 401].includes(caller.status)) return rejectAnonymous(outgoing)
  if (!caller.ok) return sendResponse(caller.response, outgoing)
  if (path === '/boom') throw new Error('boom')
  if (path === '/form') return outgoing.end('noted')
  if (path === '/fresh') {
    return outgoing.end(
      JSON.stringify({ subject: caller.session.subject, plan: caller.session.data.plan }),
    )
  }
  if (path === '/sign-out') {
    sendHeaders((await sessions.signOut(head)).headers, outgoing)
    return outgoing.end('out')
  }
  const page = PAGES[path === '/open' ? '/me' : path]
  return page === undefined
    ? outgoing.writeHead(404).end('Nothing here')
    : page(caller, incoming, outgoing)
}

function rejectAnonymous(outgoing) {
  outgoing.setHeader('vary', 'Cookie')
  outgoing.end('{"subject":null}')
}
