// The apps, and how their frameworks call things.
//
// build    the program in node_modules that builds it, with its words
// serve    the program that serves it; isBuilt: it is in what was built
// scheme   how the framework believes it is reached, without being told
// data     what the framework's own script fetches when somebody follows a link to /account
// inner    what the page tells of a request of its own, made while it rendered
export const APPS = [
  {
    name: 'sveltekit',
    build: ['vite/bin/vite.js', 'build'],
    serve: () => ['build/index.js'],
    isBuilt: true,
    scheme: 'https',
    data: { path: '/account/__data.json?x-sveltekit-invalidated=01' },
    inner: /fetched while rendering: 200, by the same token/,
  },
]
