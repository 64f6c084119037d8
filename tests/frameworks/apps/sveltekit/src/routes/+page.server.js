export function load({ cookies, locals }) {
  cookies.set('theme', 'dark', { path: '/' })
  return { name: locals.session?.subject ?? 'nobody' }
}
