import { redirect } from 'next/navigation'
import { signOut } from '../../lib/actions.js'
import { note } from '../../lib/note.js'
import { getSession } from '../../lib/session.js'

export default async function Account({ searchParams }) {
  const session = await getSession()
  if (session === null) redirect('/sign-in')
  const { noted } = await searchParams
  return (
    <>
      <h1>{`Hello ${session.subject}`}</h1>
      {noted && <p>{`Noted by ${noted}`}</p>}
      <form action={note}>
        <button>Note</button>
      </form>
      <form action={signOut}>
        <button>Sign out</button>
      </form>
    </>
  )
}
