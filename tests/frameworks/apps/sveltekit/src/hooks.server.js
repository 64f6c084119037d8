import { sessions } from '#lib/server/sessions.js'
import { sessionHandle } from 'portcullis/sveltekit'

export const handle = sessionHandle(sessions, { routes: true })
