import { redirect } from 'react-router'
import { sessions } from '../sessions.server.js'

export async function action({ request }) {
  const form = await request.formData() // check the password first
  const answer = await sessions.signIn(request, { subject: form.get('name') })
  return redirect(answer.ok ? '/account' : '/sign-in', { headers: answer.headers })
}

export default function SignIn() {
  return (
    <form method='post'>
      <input name='name' />
      <button>Sign in</button>
    </form>
  )
}
