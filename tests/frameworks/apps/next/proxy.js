import { NextResponse } from 'next/server'
import { sessionProxy } from 'portcullis/next'
import { sessions } from './lib/sessions.js'

export const proxy = sessionProxy(sessions, goOn, { routes: true })

function goOn(init) {
  const response = NextResponse.next(init)
  response.cookies.set('theme', 'dark') // whatever else your proxy does
  return response
}

export const config = { matcher: ['/((?!_next/static|_next/image|favicon.ico).*)'] }
