/** The middleware answers before these are asked; without a route there would be none. */
export function loader() {
  return new Response(null, { status: 404 })
}

export const action = loader
