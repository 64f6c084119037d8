// Runs the examples of the README as a reader would: the line that makes a secret, the Worker, and
// the Node server.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { report } from '../runtimes/report.mjs'
import { frameworkChecks } from './frameworks.mjs'
import { scoringChecks } from './scoring.mjs'
import { freePort, withServer } from './served.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const tests = dirname(here)
const readme = readFileSync(join(tests, '..', 'README.md'), 'utf8')
// The folder is inside tests, so that `import 'portcullis'` finds the packed package as in the
// project of a reader.
const folder = join(tests, 'node_modules', '.portcullis-readme')

const tokens = readFileSync(join(tests, '..', 'docs', 'tokens.md'), 'utf8')
const web = readFileSync(join(tests, '..', 'docs', 'web.md'), 'utf8')
const stores = readFileSync(join(tests, '..', 'docs', 'stores.md'), 'utf8')
const example = (name, page = readme) => {
  const code = page.split(`<!-- executed: ${name} -->`)[1]?.match(/```js\n([\s\S]*?)```/)?.[1]
  if (code === undefined) throw new Error(`there is no example "${name}"`)
  return code
}

const command = readme.match(/node -e "(.*generateSecret.*)"/)[1]
const makeSecret = () =>
  spawnSync(process.execPath, ['-e', command], { cwd: tests, encoding: 'utf8' }).stdout.trim()

const checks = [
  { name: 'the line that makes a secret prints 43 characters of base64url', run: secretLine },
  { name: 'the examples have about 15 lines', run: lengths },
  {
    name: 'the Node example signs in and greets, and rejects a request without a cookie',
    run: nodeExample,
  },
  {
    name: 'the Worker example signs in and greets, and rejects a request without a cookie',
    run: workerExample,
  },
  {
    name:
      'docs/stores.md: the adapter has about 40 lines and passes the conformance suite as shown',
    run: adapterExample,
  },
  {
    name: 'docs/web.md: the examples have about 15 lines, protect a page and serve the routes',
    run: webExamples,
  },
  ...[['tokens', /^user-1 \d{10}$/], ['issuer', /^true$/], ['sealing', /^a draft\n[\w-]{43}$/]].map(
    ([name, output]) => ({
      name: `docs/tokens.md: the example "${name}" prints what it should`,
      run: async () => prints(name, output),
    }),
  ),
]
const frameworks = frameworkChecks(folder, makeSecret)

async function secretLine() {
  const secret = makeSecret()
  if (!/^[\w-]{43}$/.test(secret)) throw new Error(`got "${secret}"`)
}

async function lengths() {
  for (const name of ['worker', 'node']) {
    const lines = example(name).split('\n').filter((line) => line.trim() !== '').length
    if (lines > 18) throw new Error(`${name} has ${lines} lines`)
  }
}

function prints(name, output) {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, example(name, tokens))
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  if (!output.test(stdout.trim())) throw new Error(`printed "${stdout}" and "${stderr}"`)
}

async function adapterExample() {
  const adapter = example('adapter', stores)
  const lines = adapter.split('\n').filter((line) => line.trim() !== '').length
  if (lines > 42) throw new Error(`the example has ${lines} lines`)
  const test = join(folder, 'sql-store.test.js')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'sql-store.js'), adapter)
  writeFileSync(test, example('conformance', stores))
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', test], {
    cwd: folder,
    encoding: 'utf8',
  })
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1])
  if (status !== 0 || !(passed > 20)) {
    throw new Error(`ended with ${status}:\n${stdout.slice(-3000)}`)
  }
  // The page quotes a sentence that a broken adapter must get.
  const quoted = stores.match(/^> (swap with [\s\S]*?)\n\n/m)[1].replaceAll('\n> ', ' ')
  writeFileSync(
    join(folder, 'sql-store.js'),
    adapter.replace(' AND revision = ?', '').replace(
      'write.expiresAtMs, key, revision]',
      'write.expiresAtMs, key]',
    ),
  )
  const broken = spawnSync(process.execPath, ['--test', '--test-reporter=tap', test], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (broken.status === 0 || !broken.stdout.includes(quoted)) {
    throw new Error(`a broken adapter does not get "${quoted}":\n${broken.stdout.slice(0, 3000)}`)
  }
}

async function webExamples() {
  Object.assign(process.env, { SESSION_SECRET: makeSecret(), INDEX_SECRET: makeSecret() })
  const load = async (name) => {
    const code = example(name, web)
    const lines = code.split('\n').filter((line) => line.trim() !== '').length
    if (lines > 18) throw new Error(`${name} has ${lines} lines`)
    const file = join(folder, `web-${name}.mjs`)
    writeFileSync(file, code)
    return import(pathToFileURL(file))
  }
  const at = (path, init) => new Request(`https://app.example${path}`, init)
  const [page, routes] = [await load('protect'), await load('handle')]
  const signInSession = await page.fetch(
    at('/sign-in', { method: 'POST', headers: { origin: 'https://app.example' } }),
  )
  const cookie = signInSession.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
  const [greeting, refusal] = [
    await page.fetch(at('/', { headers: { cookie } })),
    await page.fetch(at('/')),
  ]
  const said = [await greeting.text(), refusal.status, (await refusal.json()).code].join(' ')
  if (said !== 'Hello user-1 401 ERR_TOKEN_MISSING') throw new Error(`protect said "${said}"`)
  const answers = []
  for (let n = 0; n < 101; n += 1) answers.push(await routes.fetch(at('/session/list')))
  const rest = await (await routes.fetch(at('/'))).text()
  const told = [
    answers[99].status,
    answers[100].status,
    answers[100].headers.get('retry-after'),
    rest,
  ].join(' ')
  if (told !== '401 429 60 the rest of the site') throw new Error(`handle said "${told}"`)
}

async function nodeExample() {
  const file = join(folder, 'server.mjs')
  // Only the port is changed, because another server may use 3000.
  const port = await freePort()
  writeFileSync(file, example('node').replaceAll('3000', port))
  const env = { ...process.env, SESSION_SECRET: makeSecret(), INDEX_SECRET: makeSecret() }
  await withServer(folder, [process.execPath, file], env, `http://localhost:${port}`)
}

async function workerExample() {
  const port = await freePort()
  const config = {
    name: 'readme',
    main: 'worker.mjs',
    compatibility_date: '2026-10-01',
    durable_objects: { bindings: [{ name: 'SESSIONS', class_name: 'PortcullisObject' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['PortcullisObject'] }],
  }
  writeFileSync(join(folder, 'worker.mjs'), example('worker'))
  writeFileSync(join(folder, 'wrangler.json'), JSON.stringify(config))
  writeFileSync(
    join(folder, '.dev.vars'),
    `SESSION_SECRET=${makeSecret()}\nINDEX_SECRET=${makeSecret()}\n`,
  )
  const wrangler = join(tests, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const env = {
    ...process.env,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    CI: '1',
  }
  await withServer(
    folder,
    [
      process.execPath,
      wrangler,
      'dev',
      '--local',
      '--ip',
      '127.0.0.1',
      '--port',
      port,
      '--inspector-port',
      '0',
    ],
    env,
    `http://127.0.0.1:${port}`,
  )
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const result = { passed: 0, failed: [] }
for (
  const { name, run } of [...checks, ...scoringChecks(folder, makeSecret), ...frameworks.checks]
) {
  await run().then(
    () => (result.passed += 1),
    (error) => result.failed.push({ name, message: error.message }),
  )
}
rmSync(folder, { recursive: true, force: true })
process.exit(
  report({
      suite: 'readme',
      engine: 'Node.js and workerd',
      version: process.versions.node,
      ...result,
      skipped: frameworks.skipped,
    })
    ? 0
    : 1,
)
