/**
 * Lets a browser load modules that say `import ... from 'portcullis'`.
 *
 * An import map has to be an inline script, which the Content-Security-Policy forbids. So the
 * server replaces each name by its address in the `exports` of pkg/package.json, and the harness
 * loads the same files as a bundler.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './options.mjs'
import { Problem } from './problem.mjs'

/** The conditions that a bundler for browsers accepts, besides `default`. */
const CONDITIONS = new Set(['browser', 'import', 'module', 'default'])

/**
 * Matches `from 'portcullis'`, `import 'portcullis/x'` and `import('portcullis/x')`, with single or
 * double quotes.
 */
const IMPORTS = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])portcullis((?:\/[\w./-]+)?)\2/g

export async function mapSpecifiers(source) {
  const { exports } = JSON.parse(await readFile(join(ROOT, 'pkg', 'package.json'), 'utf8'))
  return source.replace(
    IMPORTS,
    (_, keyword, quote, subpath) =>
      `${keyword}${quote}${addressOf(exports, `.${subpath}`)}${quote}`,
  )
}

function addressOf(exports, subpath) {
  const target = targetOf(exports, subpath)
  if (target === undefined) {
    throw new Problem(500, 'DEMO_EXPORTS', `pkg/package.json exports no "${subpath}" for browsers.`)
  }
  return target.replace(/^\.\//, '/pkg/')
}

function targetOf(exports, subpath) {
  if (Object.hasOwn(exports, subpath)) return choose(exports[subpath])
  for (const [pattern, value] of Object.entries(exports)) {
    const [before, after] = pattern.split('*')
    const matches = after !== undefined && subpath.startsWith(before) && subpath.endsWith(after)
    if (matches) {
      return choose(value)?.replace(
        '*',
        subpath.slice(before.length, subpath.length - after.length),
      )
    }
  }
  return undefined
}

/** Conditions are tried in the order in which the package lists them, as every resolver does. */
function choose(value) {
  if (typeof value === 'string') return value
  for (const [condition, inner] of Object.entries(value ?? {})) {
    const found = CONDITIONS.has(condition) ? choose(inner) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
