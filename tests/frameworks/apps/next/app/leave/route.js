import { withHeaders } from 'portcullis'
import { sessions } from '../../lib/sessions.js'

export async function POST(request) {
  const answer = await sessions.signOut(request)
  return withHeaders(new Response('Bye'), answer.headers)
}
