/** This worker serves nothing. The benches run beside it. */
export default { fetch: () => new Response(null, { status: 404 }) }
