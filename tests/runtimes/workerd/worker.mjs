// A Worker that creates its sessions at global scope, as applications do. The clock and randomness
// are not available there.
import { env } from 'cloudflare:workers'
import { createSessions } from 'portcullis'
import { durableObjectStore, PortcullisObject } from 'portcullis/stores/durable-object'

export { PortcullisObject }

const keys = {
  ring: [{ id: 'k1', secret: 'QkXw3p6Nl0cD8sJrT5vYbA2eG7hM1oUiZ4fKxqWyRtE' }],
  storeKeySecret: 'mS0v9Lq2XcB7nK4jH6gF1dPaZ8wEyRtUoIiTuYpOqLs',
}
const sessions = createSessions({
  issuer: 'https://app.example',
  keys,
  store: durableObjectStore(env.SESSIONS),
})

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname === '/sign-in') {
      const { session, headers } = await sessions.signIn(request, { subject: 'user-1' })
      return Response.json(session, { headers })
    }
    const answer = sessions.authenticate(request)
    return answer.ok
      ? Response.json(answer.session)
      : Response.json(answer, { status: answer.status, headers: answer.headers })
  },
}
