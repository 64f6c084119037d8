import { data } from 'react-router'
import { sessionContext } from '../sessions.server.js'

export function loader({ context }) {
  return data({ name: context.get(sessionContext)?.subject ?? 'nobody' }, {
    headers: { 'set-cookie': 'theme=dark; Path=/' },
  })
}

export function headers({ loaderHeaders }) {
  return loaderHeaders
}

export default function Home({ loaderData }) {
  return <h1>{`Welcome, ${loaderData.name}`}</h1>
}
