// This file has the test application without a framework. The application is a function from
// requests to responses, because Workers, Deno.serve and Bun.serve take such a function.
import { withHeaders } from 'portcullis'
import { subjectOfSignIn, threeWords } from './site.mjs'

const PAGES = {
  '/me': ({ session }) => Response.json({ subject: session.subject }),
  '/own': () =>
    new Response('own', { headers: { 'set-cookie': 'seen=1', vary: 'Accept-Encoding' } }),
  '/go': () =>
    new Response(null, { status: 303, headers: { location: '/me', 'set-cookie': 'seen=1' } }),
  '/stream': () => new Response(streamOf(threeWords())),
  '/boom': () => {
    throw new Error('boom')
  },
  '/note': async (_, request) => new Response(await request.text()),
}

export function fetchApp({ sessions, form }) {
  return async (request) => {
    const { pathname } = new URL(request.url)
    const answered = await sessions.handle(request)
    if (answered !== null) return answered
    if (pathname === '/sign-in') {
      const answer = await sessions.signIn(request, subjectOfSignIn(request.url))
      return withHeaders(
        new Response('in', { headers: { 'set-cookie': 'theme=dark' } }),
        answer.headers,
      )
    }
    const field = pathname === '/form' ? (await request.clone().formData()).get('csrf') : null
    const caller = await (pathname === '/form' ? form : sessions).protect(request, {
      checkStore: pathname === '/fresh',
      ...(field === null ? {} : { csrfToken: field }),
    })
    if (pathname === '/open' && [400, 401].includes(caller.status)) {
      return withHeaders(
        Response.json({ subject: null }, { headers: { vary: 'Cookie' } }),
        caller.headers,
      )
    }
    if (!caller.ok) return caller.response
    return withHeaders(await page(pathname, caller, request, sessions), caller.headers)
  }
}

async function page(pathname, caller, request, sessions) {
  if (pathname === '/sign-out') {
    return new Response('out', { headers: (await sessions.signOut(request)).headers })
  }
  if (pathname === '/open') return PAGES['/me'](caller)
  if (pathname === '/fresh') {
    return Response.json({ subject: caller.session.subject, plan: caller.session.data.plan })
  }
  if (pathname === '/form') return new Response('noted')
  try {
    return (await PAGES[pathname]?.(caller, request))
      ?? new Response('Nothing here', { status: 404 })
  } catch {
    return new Response('Broken', { status: 500 })
  }
}

function streamOf(chunks) {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      done ? controller.close() : controller.enqueue(value)
    },
  })
}
