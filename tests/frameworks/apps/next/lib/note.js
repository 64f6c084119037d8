'use server'
import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { getSession } from './session.js'

export async function note() {
  const session = await getSession()
  if (session === null) redirect('/sign-in')(await cookies()).set('noted', 'yes')
  redirect(`/account?noted=${session.subject}`)
}
