import { sessions } from '#lib/server/sessions.js'
import { redirect } from '@sveltejs/kit'
import { sendHeaders, toRequest } from 'portcullis/sveltekit'

export const actions = {
  default: async (event) => {
    const form = await event.request.formData() // check the password first
    const answer = await sessions.signIn(toRequest(event), { subject: form.get('name') })
    if (!answer.ok) return { message: answer.message }
    sendHeaders(answer.headers, event)
    redirect(303, '/account')
  },
}
