import { sessions } from '#lib/server/sessions.js'
import { redirect } from '@sveltejs/kit'
import { sendHeaders, toRequest } from 'portcullis/sveltekit'

export async function load({ fetch, locals }) {
  if (locals.session === null) redirect(303, '/sign-in')
  const inner = await fetch('/whoami')
  const tokens = inner.headers.has('set-cookie') ? 'another' : 'the same'
  return { name: locals.session.subject, inner: `${await inner.text()}, by ${tokens} token` }
}

export const actions = {
  note: async ({ locals }) => {
    if (locals.session === null) redirect(303, '/sign-in')
    return { noted: locals.session.subject }
  },
  signOut: async (event) => {
    const answer = await sessions.signOut(toRequest(event))
    sendHeaders(answer.headers, event)
    redirect(303, '/')
  },
}
