import { toRequest } from 'portcullis/react-router'
import { redirect } from 'react-router'
import { sessions } from '../sessions.server.js'

export async function action(args) {
  const form = await args.request.formData() // check the password first
  const answer = await sessions.signIn(toRequest(args), { subject: form.get('name') })
  return redirect(answer.ok ? '/account' : '/sign-in', { headers: answer.headers })
}

export default function SignIn() {
  return <form method="post"><input name="name" /><button>Sign in</button></form>
}
