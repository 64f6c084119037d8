// This file compiles only if the types of the framework fit the types of the adapter.
import type { RequestEvent } from '@sveltejs/kit'
import type { Handle } from '@sveltejs/kit/hooks'
import { sendHeaders, sessionHandle, toRequest } from 'portcullis/sveltekit'
import { sessions } from './sessions.js'

export const handle: Handle = sessionHandle(sessions, {
  required: ({ url }) => url.pathname.startsWith('/account'),
})

export async function action(event: RequestEvent): Promise<void> {
  const answer = await sessions.signIn(toRequest(event), { subject: 'user-1' })
  sendHeaders(answer.headers, event)
}

// @ts-expect-error there is no such option
export const misspelt: Handle = sessionHandle(sessions, { requires: true })
