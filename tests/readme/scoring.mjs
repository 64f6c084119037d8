// Runs the examples of docs/anomaly-scoring.md with a user at home, a thief abroad, and a webhook
// that is slow, broken or missing.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from './served.mjs'

const page = readFileSync(
  join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'anomaly-scoring.md'),
  'utf8',
)
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const HOME = {
  ip: '192.0.2.7',
  agent: CHROME,
  cf: { asn: 64500, country: 'DE', latitude: '52.5', longitude: '13.4' },
}
const ABROAD = {
  ip: '203.0.113.9',
  agent: FIREFOX,
  cf: { asn: 64501, country: 'BR', latitude: '-23.5', longitude: '-46.6' },
}
/** The code that the reader adds: one user, whose code is 123456. */
const USERS = `
export const checkPassword = async (name, password) => (password === 'right' ? name : null)
export const checkCode = async (subject, code) => subject === 'user-1' && code === '123456'
`

export function scoringChecks(folder, makeSecret) {
  const place = (name) => join(folder, name)
  /** Each configuration has its own folder, because a module is loaded once. */
  const load = async (name, change = (text) => text) => {
    mkdirSync(place(name), { recursive: true })
    Object.assign(process.env, { SESSION_SECRET: makeSecret(), INDEX_SECRET: makeSecret() })
    writeFileSync(join(place(name), 'users.js'), USERS)
    for (const file of ['scoring.js', 'sign-in.js', 'step-up.js']) {
      writeFileSync(join(place(name), file), change(example(file)))
    }
    const modules = ['scoring.js', 'sign-in.js', 'step-up.js'].map((file) =>
      import(pathToFileURL(join(place(name), file)))
    )
    return Object.assign({}, ...(await Promise.all(modules)))
  }
  const hook = async (name) => {
    writeFileSync(place(name), example(name))
    return import(pathToFileURL(place(name)))
  }
  const named = (name, run) => ({ name: `docs/anomaly-scoring.md: ${name}`, run })
  return [
    named('a dry run rejects no request, and prints the anomalies', () => dryRun(load)),
    named('an unusual sign-in asks for a code once', () => signsIn(load)),
    named('an unusual session check asks the user of the session for a code', () => stepsUp(load)),
    named(
      'the webhook gets the anomalies, has a limit, and delays and fails no request',
      () => webhook(hook, load),
    ),
    named(
      'the JSON lines are complete, and a file that cannot be written fails no request',
      () => jsonLines(hook, place),
    ),
    named('scoreAnomaly gives the result that the page shows', async () => pure(place, makeSecret)),
  ]
}

function example(name) {
  const code = page.split(`<!-- executed: ${name} -->`)[1]?.match(/```js\n([\s\S]*?)```/)?.[1]
  if (code === undefined) throw new Error(`there is no example "${name}"`)
  return code
}

function request({ ip, agent, cf }, { cookie, body } = {}) {
  const headers = {
    'cf-connecting-ip': ip,
    'user-agent': agent,
    'sec-fetch-site': 'same-origin',
    ...(cookie && { cookie }),
  }
  return Object.assign(
    new Request('https://app.example/', { method: 'POST', headers, body: JSON.stringify(body) }),
    { cf },
  )
}

const cookieOf = (response) =>
  response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
const login = (more) => ({ body: { name: 'user-1', password: 'right', ...more } })
const enforcing = (text) => text.replace('dryRun: true', 'dryRun: false')

async function dryRun(load) {
  const printed = []
  const { log } = console
  console.log = (text) => printed.push(JSON.parse(text))
  try {
    const { signIn } = await load('dry')
    for (
      const [from, more] of [[HOME, login()], [HOME, login({ password: 'wrong' })], [
        ABROAD,
        login(),
      ]]
    ) printed.push((await signIn(request(from, more))).status)
  } finally {
    console.log = log
  }
  expect(
    [
      printed[0],
      printed[1],
      printed[2].type,
      printed[2].risk.action,
      printed[2].risk.response,
      printed[3],
    ].join(),
    '200,401,anomaly_detected,step_up,log,200',
    'the statuses and the event',
  )
  expect(
    /192\.0|203\.0|user-1|"BR"|Firefox/.test(JSON.stringify(printed)),
    false,
    'raw values in an event',
  )
}

async function signsIn(load) {
  const { signIn } = await load('sign-in', (text) => enforcing(text).replace('console.log', 'void'))
  const tries = [[HOME, {}], [ABROAD, {}], [ABROAD, { code: '000000' }], [ABROAD, {
    code: '123456',
  }], [ABROAD, {}]]
  const statuses = []
  for (const [from, more] of tries) statuses.push((await signIn(request(from, login(more)))).status)
  // After the code, the same place and browser are familiar.
  expect(statuses.join(), '200,403,403,200,200', 'statuses')
}

async function stepsUp(load) {
  const { sessions, signIn, prove } = await load(
    'step-up',
    (text) => enforcing(text).replace('console.log', 'void'),
  )
  let cookie = cookieOf(await signIn(request(HOME, login())))
  const away = { ...HOME, ip: ABROAD.ip, cf: ABROAD.cf }
  const check = (from) => sessions.authenticate(request(from, { cookie }), { checkStore: true })
  const strange = await check(away)
  expect(
    [strange.status, strange.code, strange.risk?.action].join(),
    '403,ERR_RISK_STEP_UP_REQUIRED,step_up',
    'the check',
  )
  expect(
    (await prove(request(away, { body: { code: '123456' } }))).status,
    401,
    'without a session',
  )
  expect(
    (await prove(request(away, { cookie, body: { code: '000000' } }))).status,
    403,
    'a wrong code',
  )
  const proved = await prove(request(away, { cookie, body: { code: '123456' } }))
  expect(proved.status, 200, 'the code')
  cookie = cookieOf(proved)
  expect((await check(away)).ok, true, 'afterwards')
}

async function webhook(hook, load) {
  const { anomalyWebhook } = await hook('webhook.js')
  const receiver = await Receiver.open()
  const later = []
  const settled = () => Promise.all(later.splice(0))
  const on = anomalyWebhook(receiver.url, {
    waitUntil: (promise) => later.push(promise),
    most: 2,
    timeoutMs: 1000,
  })
  const anomalies = (...numbers) => numbers.forEach((n) => on({ type: 'anomaly_detected', n }))
  try {
    on({ type: 'refreshed' })
    anomalies(1)
    expect(later.length, 1, 'posts')
    await settled()
    // The webhook hangs: two events are under way and three are dropped. The next delivered event
    // gives their number.
    receiver.hold()
    anomalies(2, 3, 4, 5, 6)
    expect(later.length, 2, 'posts under way')
    await receiver.has(3)
    receiver.release()
    await settled()
    anomalies(7)
    await settled()
    // The webhook rejects one event and lets another one time out: both are lost.
    receiver.answer = (response) => response.writeHead(500).end()
    anomalies(8)
    await settled()
    receiver.hold()
    anomalies(9)
    await settled()
    receiver.release()
    anomalies(10)
    await settled()
    const told = receiver.got.map(({ type, n, lost }) => `${type} ${n} ${lost}`).sort()
    expect(
      told.join(),
      'anomaly_detected 1 0,anomaly_detected 10 2,anomaly_detected 2 0,anomaly_detected 3 0,anomaly_detected 7 3,anomaly_detected 8 0,anomaly_detected 9 1',
      'what arrived',
    )
    await delaysNothing(load, on, receiver)
  } finally {
    receiver.close()
  }
  await settled()
  anomalies(11)
  await settled()
}

/**
 * Uses the webhook with sessions: the webhook does not answer, and the visitor still gets a
 * response.
 */
async function delaysNothing(load, on, receiver) {
  globalThis.portcullisReadmeHook = on
  const { signIn } = await load(
    'hooked',
    (text) => enforcing(text).replace(/onEvent: .*/, 'onEvent: globalThis.portcullisReadmeHook,'),
  )
  receiver.hold()
  await signIn(request(HOME, login()))
  expect((await signIn(request(ABROAD, login()))).status, 403, 'the unusual sign-in')
  await receiver.has(8)
  expect(receiver.got[7].risk.action, 'step_up', 'what arrived')
}

/** The receiver of a webhook. */
class Receiver {
  got = []
  #held = []

  static async open() {
    const receiver = new Receiver()
    receiver.server = createServer(async (incoming, response) => {
      let body = ''
      for await (const chunk of incoming) body += chunk
      receiver.got.push(JSON.parse(body))
      receiver.answer(response)
    }).listen(0, '127.0.0.1')
    await once(receiver.server, 'listening')
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/`
    receiver.release()
    return receiver
  }

  hold() {
    this.answer = (response) => this.#held.push(response)
  }

  release() {
    this.answer = (response) => response.end()
    this.#held.splice(0).forEach(this.answer)
  }

  async has(number) {
    for (let tries = 0; this.got.length < number; tries += 1) {
      if (tries > 1000) throw new Error(`${this.got.length} arrived, not ${number}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  close() {
    this.server.closeAllConnections()
    this.server.close()
  }
}

async function jsonLines(hook, place) {
  const { jsonLines: lines } = await hook('json-lines.js')
  const path = place('events.jsonl')
  const on = lines(path, { mostBytes: 200 })
  // Nothing is on disk before this turn of the event loop ends, so that events beyond the buffer
  // are lost.
  for (let n = 1; n <= 50; n += 1) on({ type: 'refreshed', n, text: 'line\nbreak' })
  await until(() => readable(path).length > 0)
  const kept = readable(path).length
  let calls = 50
  await until(() => {
    on({ type: 'refreshed', n: calls += 1 })
    return readable(path).length > kept
  })
  const all = readable(path).map((line) => JSON.parse(line))
  const lost = all.reduce((sum, line) => sum + line.lost, 0)
  expect(kept < 10 && lost > 40, true, 'a bounded buffer')
  expect(all.at(-1).n, all.length + lost, 'written lines, and the lost events that they count')
  const { error } = console
  const said = []
  console.error = (text) => said.push(text)
  try {
    const broken = lines(place('no-such-folder/events.jsonl'))
    broken({ type: 'refreshed' })
    await until(() => said.length > 0)
    broken({ type: 'refreshed' })
  } finally {
    console.error = error
  }
  expect(said.length, 1, 'error messages')
}

const readable = (
  path,
) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])

async function until(isSo) {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 1000) throw new Error('the expected state was not reached')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Compares the output with the numbers of the result that the page shows. */
function pure(place, makeSecret) {
  writeFileSync(place('pure.mjs'), example('pure.js'))
  const { stdout, stderr } = spawnSync(process.execPath, [place('pure.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, INDEX_SECRET: makeSecret() },
  })
  const [, action] = /action: '(\w+)'/.exec(page)
  const [, evidence] = /evidenceNats: ([\d.]+)/.exec(page)
  const blind = /missingSignals: \[([^\]]*)\]/.exec(page)[1].replaceAll(/[',]/g, '')
  expect(stdout.trim(), `${action} ${evidence} ${blind}\nallow`, `printed (${stderr})`)
}
