import { sessionMiddleware } from 'portcullis/astro'
import { sessions } from './sessions.js'

export const onRequest = sessionMiddleware(sessions, { routes: true })
