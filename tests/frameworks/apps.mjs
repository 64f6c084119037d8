// The apps, with the details of their frameworks:
//
// - build: the program in node_modules that builds the app, with its arguments.
// - serve: the program that serves the app. isBuilt: whether the build makes this program.
// - scheme: the scheme that the framework assumes without configuration.
// - data: the request of the framework's script when a user follows a link to /account.
// - foreign: the status for a form of another site, and a path that the package always rejects.
// - scripted: the request of the framework's script for the first button of /account.
// - ahead: the prefetch of the framework. Its marker is null if the package cannot recognise it.
// - leave: a handler that signs out and makes its own response.
// - inner: the text of the page about its own request to the site during rendering.
export const APPS = [
  {
    name: 'sveltekit',
    build: ['vite/bin/vite.js', 'build'],
    serve: () => ['build/index.js'],
    isBuilt: true,
    scheme: 'https',
    foreign: { status: 403, path: '/account' },
    data: { path: '/account/__data.json?x-sveltekit-invalidated=01' },
    ahead: { path: '/account/__data.json?x-sveltekit-invalidated=01', marker: null },
    scripted: () => ({
      path: '/account?/note',
      headers: { 'x-sveltekit-action': 'true', accept: 'application/json' },
      body: new URLSearchParams(),
    }),
    inner: /fetched while rendering: ada, by the same token/,
  },
  {
    name: 'next',
    build: ['next/dist/bin/next', 'build'],
    serve: (port) => ['next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', port],
    isBuilt: false,
    scheme: 'http',
    foreign: { status: 403, path: '/account' },
    data: { path: '/account?_rsc=1', headers: { rsc: '1' } },
    leave: '/leave',
    // Next hides `next-router-prefetch` from its proxy.
    ahead: {
      path: '/account',
      headers: { rsc: '1', 'next-router-prefetch': '1', 'next-url': '/' },
      marker: null,
    },
    scripted: ({ text }) => ({
      path: '/account',
      headers: { 'next-action': /\$ACTION_ID_(\w+)/.exec(text)[1], accept: 'text/x-component' },
      body: actionBody(),
    }),
  },
  {
    name: 'react-router',
    build: ['@react-router/dev/bin.js', 'build'],
    serve: () => ['@react-router/serve/bin.js', 'build/server/index.js'],
    isBuilt: false,
    scheme: 'http',
    foreign: { status: 400, path: '/session/revoke' },
    data: { path: '/account.data' },
    // React Router uses <link rel="prefetch">, which browsers mark with Sec-Purpose.
    ahead: { path: '/account.data', marker: { 'sec-purpose': 'prefetch' } },
    scripted: () => ({ path: '/account.data', body: new URLSearchParams({ do: 'note' }) }),
  },
  {
    name: 'astro',
    build: ['astro/bin/astro.mjs', 'build'],
    serve: () => ['dist/server/entry.mjs'],
    isBuilt: true,
    scheme: 'http',
    foreign: { status: 403, path: '/account' },
    ahead: { path: '/account', marker: { 'sec-purpose': 'prefetch' } },
  },
]

/** The arguments of a server action with a form without fields. */
function actionBody() {
  const body = new FormData()
  body.append('0', '["$K1"]')
  return body
}
