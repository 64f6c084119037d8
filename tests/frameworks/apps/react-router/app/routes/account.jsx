import { toRequest } from 'portcullis/react-router'
import { redirect } from 'react-router'
import { sessionContext, sessions } from '../sessions.server.js'

export function loader({ context }) {
  const session = context.get(sessionContext)
  if (session === null) throw redirect('/sign-in')
  return { name: session.subject }
}

export async function action(args) {
  const form = await args.request.formData()
  if (form.get('do') === 'note') return { noted: args.context.get(sessionContext)?.subject }
  const answer = await sessions.signOut(toRequest(args))
  return redirect('/', { headers: answer.headers })
}

export default function Account({ loaderData, actionData }) {
  return (
    <>
      <h1>{`Hello ${loaderData.name}`}</h1>
      {actionData?.noted && <p>{`Noted by ${actionData.noted}`}</p>}
      <form method="post"><input type="hidden" name="do" value="note" /><button>Note</button></form>
      <form method="post"><input type="hidden" name="do" value="sign out" /><button>Sign out</button></form>
    </>
  )
}
