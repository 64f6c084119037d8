// node package/run.mjs TARBALL: checks the tarball that npm would publish. The last line of the
// output is JSON.
import { buildSync } from 'esbuild'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const tests = dirname(dirname(fileURLToPath(import.meta.url)))
const tarball = process.argv[2]
if (!tarball || !existsSync(tarball)) {
  console.error('usage: node package/run.mjs TARBALL (cargo xtask test package makes one)')
  process.exit(2)
}

// npm puts the files of a tarball into the folder package/.
const files = new Set(
  execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n').filter(Boolean).map((
    name,
  ) => name.replace(/^package\//, './')),
)
const read = (name) =>
  execFileSync('tar', ['-xzOf', tarball, `package/${name}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
const manifest = JSON.parse(read('package.json'))

const CLIENT_MAX_BYTES = 2048
const notes = []

const checks = {
  'publint finds nothing in its strict mode': () =>
    tool('publint', 'src/cli.js', 'run', tarball, '--strict'),
  'attw resolves every entry for ES modules': () =>
    tool(
      '@arethetypeswrong/cli',
      'dist/index.js',
      tarball,
      '--profile',
      'esm-only',
      '--no-color',
      '--no-emoji',
    ),
  'the package has no dependencies at run time': () =>
    empty(
      manifest,
      'dependencies',
      'peerDependencies',
      'optionalDependencies',
      'bundleDependencies',
    ),
  'nothing runs at install': () =>
    empty(manifest.scripts ?? {}, 'preinstall', 'install', 'postinstall', 'prepare', 'prepublish'),
  'every file in exports exists': () => {
    const missing = [...targets(manifest.exports)].filter((file) => !files.has(file))
    if (missing.length > 0) throw new Error(`not in the tarball: ${missing.join(', ')}`)
  },
  'every relative import that exports reach exists': () => imports(),
  'stores and their conformance suite do not load the core': () => {
    for (
      const name of Object.keys(manifest.exports).filter((one) =>
        /^\.\/(stores\/|testing\/stores)/.test(one)
      )
    ) {
      const core = [...reached(manifest.exports[name].default)].find((file) =>
        /^\.\/(wasm\/|dist\/(core\/wasm|entry\/.*)\.js)/.test(file)
      )
      if (core) throw new Error(`${name} loads ${core}`)
    }
  },
  'the browser client is under 2 KB, minified and compressed, and loads no other part': () => {
    const sizes = compressed(manifest.exports['./client'].default)
    if (Math.max(sizes.brotli, sizes.gzip) >= CLIENT_MAX_BYTES) {
      throw new Error(
        `portcullis/client has ${JSON.stringify(sizes)} bytes: the limit is ${
          CLIENT_MAX_BYTES - 1
        }`,
      )
    }
    notes.push(
      `portcullis/client: ${sizes.minified} bytes minified, ${sizes.brotli} in brotli, ${sizes.gzip} in gzip`,
    )
    for (
      const [name, folder] of [['./client', 'client'], ['./context', '(context|core/errors)']]
    ) {
      const foreign = [...reached(manifest.exports[name].default)].find((file) =>
        !new RegExp(`^\\./dist/${folder}(/|\\.js$)`).test(file)
      )
      if (foreign) throw new Error(`${name} loads ${foreign}`)
    }
  },
  'no source, test or build file ships': () => {
    const strange = [...files].filter((file) =>
      !/^\.\/(dist\/.+\.(js|d\.ts)|wasm\/[^/]+|package\.json)$/.test(file)
      && !/^\.\/(README\.md|LICENSE[^/]*|CHANGELOG\.md)$/.test(file)
    )
    if (strange.length > 0) throw new Error(`unexpected: ${strange.join(', ')}`)
  },
}

/** Runs the program of a linter on this Node. Linters write findings to both streams. */
function tool(name, program, ...words) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [
    join(tests, 'node_modules', name, program),
    ...words,
  ], {
    encoding: 'utf8',
    cwd: tests,
  })
  if (status !== 0) throw new Error(`${name} ended with ${status ?? error}:\n${stdout}${stderr}`)
}

function empty(object, ...keys) {
  const present = keys.filter((key) =>
    object[key] !== undefined && Object.keys(object[key]).length > 0
  )
  if (present.length > 0) throw new Error(`package.json has ${present.join(', ')}`)
}

/** The size of an entry that a page loads, as a bundler makes it, in bytes. */
function compressed(entry) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-package-'))
  try {
    execFileSync('tar', ['-xzf', tarball, '-C', folder])
    const { outputFiles } = buildSync({
      entryPoints: [join(folder, 'package', entry)],
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    })
    const { contents } = outputFiles[0]
    return {
      minified: contents.length,
      gzip: gzipSync(contents, { level: 9 }).length,
      brotli: brotliCompressSync(contents).length,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every path in `exports`, under all conditions. */
function* targets(value) {
  if (typeof value === 'string') yield value
  else for (const inner of Object.values(value ?? {})) yield* targets(inner)
}

/** A script and all scripts that it imports, directly or indirectly. */
function reached(file) {
  const known = new Set([file])
  for (const one of known) {
    for (
      const [, to] of read(one.slice(2)).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"?]+)/g)
    ) known.add(`./${join(dirname(one), to)}`)
  }
  return known
}

/**
 * Checks that all relative imports exist, from the exports on, in scripts and in types. A file that
 * is missing in `files` would otherwise be noticed only by users.
 */
function imports() {
  const broken = []
  const known = new Set([...targets(manifest.exports)].filter((file) => /\.(js|d\.ts)$/.test(file)))
  for (const file of known) {
    for (
      const [, to] of read(file.slice(2)).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"?]+)/g)
    ) {
      const path = `./${join(dirname(file), to)}`
      const candidates = file.endsWith('.d.ts')
        ? [path.replace(/\.js$/, '.d.ts'), `${path}.d.ts`]
        : [path]
      const target = candidates.find((name) => files.has(name))
      if (!target) broken.push(`${file} imports ${to}`)
      else if (/\.(js|d\.ts)$/.test(target)) known.add(target)
    }
  }
  if (broken.length > 0) throw new Error(broken.join('\n'))
}

let passed = 0
let failed = 0
for (const [name, check] of Object.entries(checks)) {
  try {
    check()
    passed += 1
  } catch (error) {
    failed += 1
    console.log(`not ok: ${name}\n${error.message}`)
  }
}
const { version } = JSON.parse(
  readFileSync(join(tests, 'node_modules/publint/package.json'), 'utf8'),
)
console.log(`${files.size} files, ${statSync(tarball).size} bytes packed`)
for (const note of notes) console.log(note)
console.log(
  JSON.stringify({ suite: 'package', engine: 'publint', version, passed, failed, skipped: [] }),
)
process.exitCode = failed > 0 ? 1 : 0
