/** Nothing is served: the benches run beside it. */
export default { fetch: () => new Response(null, { status: 404 }) }
