export function GET({ locals }) {
  return new Response(locals.session?.subject ?? 'nobody')
}
