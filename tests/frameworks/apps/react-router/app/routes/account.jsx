import { redirect } from 'react-router'
import { sessionContext, sessions } from '../sessions.server.js'

export function loader({ context }) {
  const session = context.get(sessionContext)
  if (session === null) throw redirect('/sign-in')
  return { name: session.subject }
}

export async function action({ request, context }) {
  const form = await request.formData()
  if (form.get('do') === 'note') return { noted: context.get(sessionContext)?.subject }
  const answer = await sessions.signOut(request)
  return redirect('/', { headers: answer.headers })
}

export default function Account({ loaderData, actionData }) {
  return (
    <>
      <h1>{`Hello ${loaderData.name}`}</h1>
      {actionData?.noted && <p>{`Noted by ${actionData.noted}`}</p>}
      <form method='post'>
        <input type='hidden' name='do' value='note' />
        <button>Note</button>
      </form>
      <form method='post'>
        <input type='hidden' name='do' value='sign out' />
        <button>Sign out</button>
      </form>
    </>
  )
}
