import { data } from 'react-router'

/** Without a route there is no middleware, and nothing refreshes. */
export function loader() {
  throw data('There is no such page', { status: 404 })
}

export default function Nowhere() {
  return null
}
