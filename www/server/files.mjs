/**
 * The files that the demo serves: its own pages by an explicit table, and three folders for the
 * harness.
 */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { ROOT } from './options.mjs'
import { Problem } from './problem.mjs'
import { mapSpecifiers } from './specifiers.mjs'

const PAGES = new Map([
  ['/', 'index.html'],
  ['/harness.html', 'harness.html'],
  ['/style.css', 'style.css'],
  ['/app.js', 'app.js'],
  ['/api.js', 'api.js'],
  ['/view.js', 'view.js'],
  ['/time.js', 'time.js'],
  ['/harness.js', 'harness.js'],
  ['/logo.svg', 'logo.svg'],
  ['/favicon.ico', 'logo.svg'],
])

const FOLDERS = ['/pkg/dist/', '/pkg/wasm/', '/tests/suite/']

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.wasm', 'application/wasm'],
])

export function createFiles() {
  return async (request, path) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Problem(405, 'DEMO_METHOD', 'Files can only be read.')
    }
    const file = await find(path)
    const type = file && TYPES.get(extname(file))
    if (type === undefined) throw new Problem(404, 'DEMO_NOT_FOUND', 'There is no such page here.')
    return new Response(await content(path, file), {
      headers: { 'content-type': type, 'cache-control': 'no-cache' },
    })
  }
}

async function find(path) {
  if (PAGES.has(path)) return join(ROOT, 'www', PAGES.get(path))
  const folder = FOLDERS.find((prefix) => path.startsWith(prefix))
  return folder === undefined ? undefined : inside(folder, path)
}

/**
 * The file of a path, if the file lies in the folder. The served names need no escapes, so that a
 * path with any other character is rejected before the file system is used. `realpath` resolves
 * links.
 */
async function inside(folder, path) {
  if (!/^[\w./@-]+$/.test(path) || path.includes('/.')) return undefined
  try {
    const root = await realpath(join(ROOT, folder))
    const file = await realpath(join(ROOT, path))
    return file.startsWith(root + sep) ? file : undefined
  } catch {
    return undefined
  }
}

async function content(path, file) {
  const bytes = await readFile(file)
  const importsByName = path === '/harness.js' || path.startsWith('/tests/suite/')
  return importsByName ? mapSpecifiers(bytes.toString('utf8')) : bytes
}
