'use server'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { sendHeaders, toRequest } from 'portcullis/next'
import { sessions } from './sessions.js'

export async function signIn(form) { // check the password first
  const answer = await sessions.signIn(toRequest(await headers()), { subject: form.get('name') })
  if (!answer.ok) redirect('/sign-in')
  sendHeaders(answer.headers, await cookies())
  redirect('/account')
}

export async function signOut() {
  const answer = await sessions.signOut(toRequest(await headers()))
  sendHeaders(answer.headers, await cookies())
  redirect('/')
}
