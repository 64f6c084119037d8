import { getSession } from '../lib/session.js'

export default async function Welcome() {
  const session = await getSession()
  return <h1>{`Welcome, ${session?.subject ?? 'nobody'}`}</h1>
}
