import { sessionHandle } from 'portcullis/sveltekit'
import { sessions } from '#lib/server/sessions.js'

export const handle = sessionHandle(sessions, { routes: true })
