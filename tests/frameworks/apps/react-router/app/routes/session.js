/** The middleware answers before this loader, but runs only if the route exists. */
export function loader() {
  return new Response(null, { status: 404 })
}

export const action = loader
