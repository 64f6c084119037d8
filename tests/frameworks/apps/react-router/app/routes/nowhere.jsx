import { data } from 'react-router'

/** The middleware runs only if a route exists, so that an unknown path would not refresh. */
export function loader() {
  throw data('There is no such page', { status: 404 })
}

export default function Nowhere() {
  return null
}
