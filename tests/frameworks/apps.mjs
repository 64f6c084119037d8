// The apps, and how their frameworks call things.
//
// build    the program in node_modules that builds it, with its words serve    the program that
// serves it; isBuilt: it is in what was built scheme   how the framework believes it is reached,
// without being told data     what the framework's own script fetches when somebody follows a link
// to /account foreign  how a form of another site is refused, by the framework or by us, and a path
// where it is surely us scripted what the framework's own script sends, instead of the browser,
// when somebody presses the first button of /account ahead    what it fetches before anybody has
// followed a link; its marker is one that we see, or null: then it is like any other leave    a
// handler that signs out and answers by itself inner    what the page tells of a request of its
// own, made while it rendered
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
    // <link rel="prefetch">, of which the browser says what it is.
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

/** The arguments of a server action that takes a form without fields. */
function actionBody() {
  const body = new FormData()
  body.append('0', '["$K1"]')
  return body
}
