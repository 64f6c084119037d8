import { signIn } from '../../lib/actions.js'

export default function SignIn() {
  return (
    <form action={signIn}>
      <input name='name' />
      <button>Sign in</button>
    </form>
  )
}
