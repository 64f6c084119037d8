// Compares the documentation of the frameworks with the tested apps: the page shows the files of
// the apps, and the types fit.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const page = () => readFileSync(join(root, 'docs', 'frameworks-ssr.md'), 'utf8')

export const PAGES = [
  { name: 'docs/frameworks-ssr.md shows files of the tested apps, word for word', run: examples },
  { name: 'docs/frameworks-ssr.md names the versions that were tested', run: versions },
  { name: 'the types of the frameworks fit the types of the adapters', run: types },
]

/** Compares each code block that follows a comment `<!-- app/file -->` with this file. */
function examples() {
  const shown = [...page().matchAll(/<!-- ([\w./+-]+) -->\n+```\w+\n([\s\S]*?)```/g)]
  assert.equal(
    shown.length,
    page().match(/^```/gm).length / 2,
    'every block of code names its file',
  )
  for (const [, file, code] of shown) {
    assert.equal(code, readFileSync(join(here, 'apps', file), 'utf8'), file)
  }
  const apps = new Set(shown.map(([, file]) => file.split('/')[0]))
  assert.deepEqual([...apps].sort(), ['astro', 'next', 'react-router', 'sveltekit'])
}

function versions() {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  const named = {
    SvelteKit: '@sveltejs/kit',
    'Next.js': 'next',
    'React Router': 'react-router',
    Astro: 'astro',
  }
  for (const [name, one] of Object.entries(named)) {
    const tested = `${name} ${dependencies[one]}`
    assert.ok(page().replace(/ +\|/g, ' |').includes(`| ${tested} |`), tested)
  }
}

function types() {
  const compiler = join(root, 'pkg', 'node_modules', 'typescript', 'bin', 'tsc')
  assert.ok(
    existsSync(compiler),
    'TypeScript is not installed in pkg/: run this by `cargo xtask test frameworks`',
  )
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    compiler,
    '-p',
    join(here, 'types'),
  ], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
}
