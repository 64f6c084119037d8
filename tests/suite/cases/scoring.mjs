// Anomaly scoring through the public API: the effects of a score on a session, and the pure
// function scoreAnomaly.
import { mergeRiskProfiles, scoreAnomaly } from 'portcullis'
import { equal, ok, rejected, throwsCode } from '../assert.mjs'
import { Browser, CHROME, collectEvents, createTestSite, createWatchedStore } from '../support.mjs'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const HOME = {
  ip: '192.0.2.7',
  asn: 64500,
  country: 'DE',
  lat: 52.5,
  lon: 13.4,
  networkKind: 'residential',
  userAgent: CHROME,
  language: 'de',
  tlsFingerprint: 't13d1516h2_8daaf6152771_02713d6af862',
}
/** The context of a thief: another country and another browser. */
const THIEF_CONTEXT = {
  ip: '203.0.113.9',
  asn: 64501,
  country: 'BR',
  lat: -23.5,
  lon: -46.6,
  networkKind: 'residential',
  userAgent: FIREFOX,
  language: 'pt',
  tlsFingerprint: 't13d1715h2_5b57614c22b0_3d5424432f57',
}
/** The browser of the user in another country, as on a journey. */
const AWAY = { ...HOME, ip: '198.51.100.7', asn: 64502, country: 'FR', lat: 48.9, lon: 2.4 }
const DAY = 86_400

/**
 * A user with a profile of daily requests from home. All clients are of one client family, so that
 * only the score distinguishes them.
 */
async function settled(world, { days = 20, policy, ...more } = {}) {
  const { events, options } = collectEvents()
  const store = createWatchedStore(world.openStore())
  const all = createTestSite(world, {
    ...options,
    store,
    policy: { idleTimeoutSeconds: 30 * DAY, absoluteTimeoutSeconds: 300 * DAY, ...policy },
    ...more,
  })
  const { sessions, clock, browser } = all
  const signIn = (context, options) =>
    sessions.signIn(browser.request(), { subject: 'user-1', context, ...options })
  ok(browser.keep(await signIn(HOME)).ok, 'the first sign-in')
  for (let day = 1; day < days; day += 1) {
    clock.advance(DAY)
    ok(browser.keep(await sessions.refresh(browser.request(), { context: HOME })).ok, `day ${day}`)
  }
  events.length = 0
  return { ...all, events, store, signIn }
}

const names = (risk) => risk.reasons.map(([name]) => name)

export const cases = [
  {
    name: 'the score at home is low, and every result has its reasons',
    async run(world) {
      const { sessions, clock, browser } = await settled(world)
      clock.advance(600)
      const { risk } = browser.keep(await sessions.refresh(browser.request(), { context: HOME }))
      equal(
        [risk.kind, risk.action, risk.response],
        ['refresh', 'allow', 'allow'],
        'the risk assessment',
      )
      ok(risk.score < 10, `a score of ${risk.score}`)
      ok(
        names(risk).includes('network_known') && names(risk).includes('browser_same'),
        names(risk).join(),
      )
      const sum = risk.reasons.reduce((all, [, nats]) => all + nats, 0)
      ok(Math.abs(sum - risk.evidenceNats) < 1e-9, 'the sum of the reasons')
      equal(risk.missingSignals, ['client_hints', 'rtt', 'device'], 'the missing signals')
      equal((await sessions.refresh(browser.request())).risk, null, 'no score without a context')
    },
  },
  {
    name: 'a session that changes country and browser within minutes is revoked and reported',
    async run(world) {
      const { sessions, clock, browser, events } = await settled(world)
      clock.advance(300)
      const answer = browser.copy().keep(
        await sessions.refresh(browser.request(), { context: THIEF_CONTEXT }),
      )
      rejected(answer, 'ERR_SESSION_RISK_REVOKED', 401)
      equal(answer.headers.getSetCookie().length, 2, 'cleared cookies')
      equal([answer.risk.action, answer.risk.response], ['revoke', 'revoke'], 'the answer')
      equal(events.map(({ type }) => type), ['anomaly_detected'], 'the events')
      equal(events[0].risk, answer.risk, 'the risk of the event')
      ok(
        /^[\w-]{22}$/.test(events[0].sessionKey)
          && !/user-1|203\.0|BR/.test(JSON.stringify(events)),
        'no raw values',
      )
      rejected(
        await sessions.refresh(browser.request(), { context: HOME }),
        'ERR_SESSION_REVOKED',
        401,
      )
    },
  },
  {
    name: 'an address that changes every few minutes, as on a train, signs no user out',
    async run(world) {
      const { sessions, clock, browser, events } = await settled(world)
      for (let minute = 0; minute < 40; minute += 1) {
        clock.advance(300)
        const requestContext = {
          ...HOME,
          ip: `198.51.${minute}.9`,
          asn: 64503,
          networkKind: 'mobile',
          lat: 52.5 + minute / 10,
        }
        ok(
          browser.keep(await sessions.refresh(browser.request(), { context: requestContext })).ok,
          `stop ${minute}`,
        )
      }
      equal(events.filter(({ type }) => type !== 'refreshed'), [], 'events')
    },
  },
  {
    name:
      'an unusual context requires a step-up, is not learned, and is familiar after the step-up',
    async run(world) {
      const { sessions, clock, browser, store } = await settled(world)
      clock.advance(300)
      const strange = {
        ...AWAY,
        userAgent: FIREFOX,
        ip: HOME.ip,
        asn: HOME.asn,
        country: HOME.country,
        lat: HOME.lat,
        lon: HOME.lon,
      }
      const swaps = store.calls.swap
      const unusual = { ...AWAY, country: 'BR', lat: -23.5, lon: -46.6, networkKind: 'hosting' }
      const answer = await sessions.refresh(browser.request(), { context: unusual })
      rejected(answer, 'ERR_RISK_STEP_UP_REQUIRED', 403)
      equal(
        [answer.headers.getSetCookie(), store.calls.swap - swaps],
        [[], 0],
        'cookies and writes',
      )
      ok(
        browser.keep(await sessions.refresh(browser.request(), { context: HOME })).ok,
        'the session continues at home',
      )
      clock.advance(60)
      const stepped = browser.keep(
        await sessions.stepUp(browser.request(), { acr: 'aal2', context: unusual }),
      )
      equal(
        [stepped.ok, stepped.risk.kind, stepped.risk.response],
        [true, 'step_up', 'log'],
        'the step-up',
      )
      clock.advance(600)
      const then = browser.keep(await sessions.refresh(browser.request(), { context: unusual }))
      equal([then.ok, then.risk.action], [true, 'allow'], 'a familiar context')
      ok(names(then.risk).includes('network_known'), names(then.risk).join())
      ok(
        names((await sessions.refresh(browser.request(), { context: strange })).risk).includes(
          'browser_changed',
        ),
        'another browser is not familiar',
      )
    },
  },
  {
    name: 'an unusual sign-in needs a second factor, but not for a subject without history',
    async run(world) {
      const { sessions, clock, browser, signIn, events } = await settled(world)
      clock.advance(DAY)
      const rejection = await signIn(THIEF_CONTEXT)
      rejected(rejection, 'ERR_RISK_STEP_UP_REQUIRED', 403)
      equal(
        [rejection.risk.action, rejection.headers.getSetCookie()],
        ['step_up', []],
        'the answer',
      )
      equal((await sessions.list('user-1')).length, 1, 'no new session')
      const admitted = await signIn(THIEF_CONTEXT, { stepUpVerified: true, amr: ['pwd', 'otp'] })
      equal([admitted.ok, admitted.risk.response], [true, 'log'], 'with a second factor')
      clock.advance(DAY)
      equal((await signIn(THIEF_CONTEXT)).risk.action, 'allow', 'the same context again')
      equal(
        events.map(({ type }) => type).filter((type) => type === 'anomaly_detected').length,
        2,
        'anomalies',
      )
      const first = await sessions.signIn(browser.request(), {
        subject: 'user-2',
        context: THIEF_CONTEXT,
      })
      equal([first.ok, first.risk.action, first.risk.missingSignals.includes('history')], [
        true,
        'allow',
        true,
      ], 'a subject without history')
    },
  },
  {
    name: 'a policy can log, shorten the token, allow, or only dry-run at any score',
    async run(world) {
      const cases = [
        [{ dryRun: true }, 'log', 1],
        [{ refresh: { revoke: 'log' } }, 'log', 1],
        [{ refresh: { revoke: 'shorten_token_ttl' } }, 'shorten_token_ttl', 1],
        [{ refresh: { revoke: 'allow' } }, 'allow', 0],
      ]
      for (const [risk, response, anomalies] of cases) {
        const { sessions, clock, browser, events } = await settled(world, { policy: { risk } })
        clock.advance(300)
        const answer = browser.keep(
          await sessions.refresh(browser.request(), { context: THIEF_CONTEXT }),
        )
        equal(
          [answer.ok, answer.risk.action, answer.risk.response],
          [true, 'revoke', response],
          JSON.stringify(risk),
        )
        equal(
          events.filter(({ type }) => type === 'anomaly_detected').length,
          anomalies,
          'anomalies',
        )
        const { session } = sessions.authenticate(browser.request({ method: 'GET' }))
        const seconds = (session.expiresAtMs - clock.ms) / 1000
        ok(
          response === 'shorten_token_ttl' ? seconds <= 60 : seconds > 200,
          `an access token of ${seconds} s`,
        )
      }
      for (
        const risk of [
          { stepUpScore: 20 },
          { revokeScore: 101 },
          { deviceBaseRate: -1 },
          { signIn: { revoke: 'revoke' } },
          { refresh: { step_up: 'panic' } },
          { refresh: { revok: 'log' } },
          { dryrun: true },
        ]
      ) {
        await throwsCode('ERR_CONFIG', () => createTestSite(world, { policy: { risk } }))
      }
    },
  },
  {
    name: 'a session check is scored, adds nothing to the profile, and can revoke its session',
    async run(world) {
      const { sessions, clock, browser, store } = await settled(world)
      clock.advance(60)
      const check = (context) =>
        sessions.authenticate(browser.request({ method: 'GET' }), { checkStore: true, context })
      const before = await sessions.riskProfile('user-1')
      const swaps = store.calls.swap
      const home = await check(HOME)
      equal(
        [home.ok, home.risk.kind, home.risk.action],
        [true, 'session_check', 'allow'],
        'at home',
      )
      rejected(
        await check({ ...AWAY, networkKind: 'hosting', country: 'BR', lat: -23.5, lon: -46.6 }),
        'ERR_RISK_STEP_UP_REQUIRED',
        403,
      )
      equal(await sessions.riskProfile('user-1'), before, 'an unchanged profile')
      ok(store.calls.swap - swaps <= 1, 'no write but the confirmation')
      rejected(await check(THIEF_CONTEXT), 'ERR_SESSION_RISK_REVOKED', 401)
      rejected(await check(HOME), 'ERR_SESSION_REVOKED', 401)
    },
  },
  {
    name: 'contextReader is called if a call has no context, and its errors are thrown',
    async run(world) {
      let asked = 0
      const requestContext = (request) => {
        asked += 1
        return { ...HOME, userAgent: request.headers.get('user-agent') ?? undefined }
      }
      const { sessions, clock, browser } = createTestSite(world, { contextReader: requestContext })
      ok(
        browser.keep(await sessions.signIn(browser.request(), { subject: 'user-1' })).risk !== null,
        'scored',
      )
      clock.advance(60)
      ok(browser.keep(await sessions.refresh(browser.request())).risk !== null, 'scored')
      ok(
        (await sessions.refresh(browser.request(), { context: HOME })).risk !== null,
        'the context of the call',
      )
      sessions.authenticate(browser.request({ method: 'GET' }))
      equal(asked, 2, 'calls of contextReader')
      const broken = createTestSite(world, {
        contextReader: () => {
          throw new TypeError('no platform')
        },
      })
      const error = await broken.sessions.signIn(broken.browser.request(), { subject: 'user-1' })
        .catch((thrown) => thrown)
      ok(error instanceof TypeError, 'the thrown error')
      await throwsCode('ERR_CONFIG', () => createTestSite(world, { contextReader: HOME }))
    },
  },
  {
    name: 'a device cookie distinguishes a known browser from a stolen password',
    async run(world) {
      const { sessions, clock, browser, signIn } = await settled(world, {
        days: 1,
        policy: { risk: { deviceCookie: true } },
      })
      const name = '__Host-portcullis-device'
      const device = browser.jar.get(name)
      ok(/^[\w-]{75}$/.test(device), `a device cookie, ${device}`)
      for (let day = 0; day < 8; day += 1) {
        clock.advance(DAY)
        const answer = browser.keep(await signIn(HOME))
        ok(names(answer.risk).includes('device_cookie_known'), `day ${day}: ${names(answer.risk)}`)
      }
      equal(browser.jar.get(name), device, 'the same device')
      ok(browser.keep(await sessions.signOut(browser.request())).ok, 'sign-out')
      equal(browser.jar.get(name), device, 'the device cookie after a sign-out')
      const stranger = new Browser({ runtime: world.runtime })
      const without = await sessions.signIn(stranger.request(), {
        subject: 'user-1',
        context: HOME,
      })
      ok(names(without.risk).includes('device_cookie_missing'), names(without.risk).join())
      stranger.jar.set(name, device.slice(0, -2) + (device.endsWith('AA') ? 'BB' : 'AA'))
      const forged = await sessions.signIn(stranger.request(), { subject: 'user-1', context: HOME })
      ok(names(forged.risk).includes('device_cookie_missing'), 'forged')
      const theirs = stranger.keep(
        await sessions.signIn(new Browser({ runtime: world.runtime }).request(), {
          subject: 'user-2',
          context: THIEF_CONTEXT,
        }),
      )
      ok(theirs.ok, 'another user')
      const otherOne = await sessions.signIn(stranger.request(), {
        subject: 'user-1',
        context: HOME,
      })
      ok(
        names(otherOne.risk).includes('device_cookie_missing'),
        'the device cookie of another user',
      )
    },
  },
  {
    name: 'a risk profile can be exported, has no raw values, outlives sessions, and can be erased',
    async run(world) {
      const { sessions, clock, browser, store } = await settled(world)
      const profile = await sessions.riskProfile('user-1')
      ok(
        profile instanceof Uint8Array && profile.length > 100 && profile.length <= 1024,
        `${profile?.length} bytes`,
      )
      const text = new TextDecoder('latin1').decode(profile)
      ok(!/DE|Chrome|192|Berlin/.test(text), 'nothing raw')
      await sessions.revokeAll('user-1')
      clock.advance(80 * DAY)
      ok((await sessions.riskProfile('user-1')) !== null, 'after all sessions ended')
      const again = browser.keep(
        await sessions.signIn(browser.request(), { subject: 'user-1', context: HOME }),
      )
      ok(names(again.risk).includes('network_known'), 'remembered')
      equal(await sessions.eraseRiskProfile('user-1'), true, 'erased')
      equal(await sessions.riskProfile('user-1'), null, 'the erased profile')
      equal(await sessions.eraseRiskProfile('user-1'), false, 'a second erasure')
      clock.advance(60)
      const { risk } = browser.keep(
        await sessions.refresh(browser.request(), { context: THIEF_CONTEXT }),
      )
      equal(
        [risk.action, risk.missingSignals.includes('history')],
        ['allow', true],
        'a new profile',
      )
      equal([await sessions.riskProfile('nobody'), await sessions.eraseRiskProfile('nobody')], [
        null,
        false,
      ], 'nobody')
      ok(store.calls.get > 0, 'a store')
    },
  },
  {
    name: 'hostile contexts are errors or have no effect',
    async run(world) {
      const { sessions, clock, browser } = await settled(world, {
        days: 6,
        policy: { risk: { dryRun: true } },
      })
      const odd = [
        { lat: Number.NaN, lon: 0 },
        { lat: Infinity, lon: -Infinity },
        { lat: 91, lon: 181 },
        { asn: -1 },
        { asn: 2 ** 40 },
        { asn: 1.5 },
        { rttMs: -5 },
        { rttMs: Number.NaN },
        { ip: '999.1.1.1' },
        { ip: 'x'.repeat(1_000_000) },
        { userAgent: 'M'.repeat(1_000_000) },
        { userAgent: '\ud800 \udfff', language: '\udc00', country: '\ud800' },
        { country: '' },
        { networkKind: 'quantum' },
        { clientHints: { brands: '"'.repeat(100_000) } },
        { tlsFingerprint: '_'.repeat(100_000) },
        { refreshesPerAccessTtl: -1 },
        // The longest texts, with three bytes for each character.
        Object.fromEntries([
          ...['ip', 'country', 'networkKind', 'userAgent', 'tlsFingerprint', 'language'].map((
            name,
          ) => [name, '\u20ac'.repeat(5000)]),
          ['clientHints', {
            brands: '\u20ac'.repeat(5000),
            platform: '\u20ac'.repeat(5000),
            mobile: null,
          }],
        ]),
        {},
      ]
      for (const requestContext of odd) {
        const alone = scoreAnomaly({
          kind: 'sign_in',
          profile: null,
          session: null,
          context: requestContext,
          nowMs: clock.ms,
          deviceId: '\u20ac'.repeat(2000),
        })
        ok(alone.score >= 0 && alone.score <= 100, `a score of ${alone.score} outside a session`)
        clock.advance(60)
        const answer = await sessions.refresh(browser.request(), { context: requestContext })
        ok(answer.ok, JSON.stringify(requestContext).slice(0, 60))
        const { score, evidenceNats: evidence } = answer.risk
        ok(score >= 0 && score <= 100 && Number.isFinite(evidence), `a score of ${score}`)
        browser.keep(answer)
      }
      for (
        const requestContext of ['x', 7, { asn: '7' }, { ip: 7 }, { lat: '1' }, { adress: 'x' }, {
          clientHints: 'x',
        }, { clientHints: { brand: 'x' } }]
      ) {
        await throwsCode(
          'ERR_ARGUMENT',
          () => sessions.refresh(browser.request(), { context: requestContext }),
        )
      }
    },
  },
  {
    name: 'scoreAnomaly is pure: the caller keeps its results',
    async run() {
      let nowMs = Date.UTC(2026, 0, 1, 12)
      let kept = { profile: null, session: null }
      const score = (context, kind = 'refresh', more = {}) =>
        scoreAnomaly({ kind, ...kept, context, nowMs, ...more })
      equal(score(undefined, 'session_check').score, 30, 'the score without history')
      for (let day = 0; day < 20; day += 1) {
        const { profile, session, afterStepUp: pending } = score(
          HOME,
          day === 0 ? 'sign_in' : 'refresh',
        )
        equal(pending, null, 'no profile for after a step-up')
        kept = { profile, session }
        nowMs += DAY * 1000
      }
      equal(score(HOME), score(HOME), 'two equal results')
      const thief = score(THIEF_CONTEXT)
      equal(
        [thief.action, thief.profile, thief.session],
        ['revoke', kept.profile, kept.session],
        'unchanged profiles',
      )
      const confirmAction = mergeRiskProfiles(kept.profile, thief.afterStepUp)
      equal(
        mergeRiskProfiles(confirmAction, thief.afterStepUp),
        confirmAction,
        'a second merge changes nothing',
      )
      ok(
        names(
          scoreAnomaly({ kind: 'sign_in', profile: confirmAction, context: THIEF_CONTEXT, nowMs }),
        )
          .includes('network_known'),
        'confirmed',
      )
      equal(
        score(HOME, 'refresh', { tokenStatus: 'proof_invalid' }).action,
        'revoke',
        'an invalid proof',
      )
      const key = Uint8Array.from({ length: 32 }, (_, place) => 7 * place + 1)
      ok(
        names(score(HOME, 'refresh', { featureHashKey: key })).includes('country_new'),
        'another key makes every feature new',
      )
      const wrong = [
        ['ERR_ARGUMENT', { kind: 'sign_out' }],
        ['ERR_ARGUMENT', { profile: new Uint8Array([9, 9]) }],
        ['ERR_ARGUMENT', { profile: 'x' }],
        ['ERR_ARGUMENT', { session: new Uint8Array(5000) }],
        ['ERR_ARGUMENT', { session: new Uint8Array([1, 7]) }],
        ['ERR_CLOCK', { nowMs: Number.NaN }],
        ['ERR_CONFIG', { policy: { stepUpScore: 0 } }],
        ['ERR_CONFIG', { contexts: {} }],
        ['ERR_WEAK_SECRET', { featureHashKey: 'short' }],
      ]
      for (const [code, input] of wrong) {
        await throwsCode(
          code,
          () => scoreAnomaly({ kind: 'refresh', profile: null, nowMs, ...input }),
        )
      }
      await throwsCode('ERR_ARGUMENT', () => mergeRiskProfiles(kept.profile, null))
    },
  },
  {
    name: 'protect and handle call contextReader only for a refresh or a session check',
    async run(world) {
      const { sessions, clock, browser } = await settled(world)
      let asked = 0
      const reading = (context) => ({
        contextReader: () => {
          asked += 1
          return context
        },
      })
      const get = () => browser.request({ method: 'GET' })
      equal(
        [(await sessions.protect(get(), reading(THIEF_CONTEXT))).ok, asked],
        [true, 0],
        'a valid access token',
      )
      clock.advance(400)
      const unusual = { ...AWAY, country: 'BR', lat: -23.5, lon: -46.6, networkKind: 'hosting' }
      const rejection = await sessions.protect(get(), reading(unusual))
      equal([
        rejection.ok,
        rejection.code,
        rejection.status,
        rejection.headers.getSetCookie(),
        asked,
      ], [
        false,
        'ERR_RISK_STEP_UP_REQUIRED',
        403,
        [],
        1,
      ], 'a refresh')
      equal(
        [rejection.subject, rejection.risk.action],
        ['user-1', 'step_up'],
        'the details for the application',
      )
      const body = await rejection.response.text()
      ok(
        JSON.parse(body).code === 'ERR_RISK_STEP_UP_REQUIRED' && !body.includes('user-1'),
        `a problem without the subject, not ${body}`,
      )
      ok(browser.keep(await sessions.protect(get(), reading(HOME))).refreshed, 'at home')
      equal(
        (await sessions.protect(get(), { ...reading(unusual), checkStore: true })).code,
        'ERR_RISK_STEP_UP_REQUIRED',
        'a check',
      )
      const route = (name, context) =>
        sessions.handle(
          Object.assign(
            browser.request({ method: name === 'list' ? 'GET' : 'POST', path: `/session/${name}` }),
          ),
          reading(context),
        )
      equal((await route('list', unusual)).status, 403, 'the list')
      equal((await route('list', HOME)).status, 200, 'the list at home')
      clock.advance(60)
      equal((await route('refresh', unusual)).status, 403, 'the route')
      const ended = await route('refresh', THIEF_CONTEXT)
      equal([ended.status, (await ended.json()).code], [401, 'ERR_SESSION_RISK_REVOKED'], 'a thief')
      await throwsCode('ERR_ARGUMENT', () => sessions.protect(get(), { contextReader: HOME }))
    },
  },
  {
    name: 'the application gets the subject that must step up, and no other subject can',
    async run(world) {
      const { sessions, clock, browser } = await settled(world)
      clock.advance(300)
      const unusual = { ...AWAY, country: 'BR', lat: -23.5, lon: -46.6, networkKind: 'hosting' }
      const rejection = await sessions.refresh(browser.request(), { context: unusual })
      equal(
        [rejection.code, rejection.subject],
        ['ERR_RISK_STEP_UP_REQUIRED', 'user-1'],
        'the subject of the session',
      )
      rejected(
        await sessions.stepUp(browser.request(), { subject: 'user-2', context: unusual }),
        'ERR_SESSION_UNKNOWN',
        401,
      )
      equal(
        (await sessions.refresh(browser.request(), { context: THIEF_CONTEXT })).subject,
        null,
        'no subject after a revocation',
      )
      const other = await settled(world)
      ok(
        (await other.sessions.stepUp(other.browser.request(), {
          subject: 'user-1',
          context: unusual,
        })).ok,
        'the user',
      )
    },
  },
  {
    name: 'anonymous sessions are not scored, and a rejected sign-in keeps them',
    async run(world) {
      const { sessions, clock, signIn } = await settled(world)
      const visitor = new Browser({ runtime: world.runtime })
      const anonymous = visitor.keep(
        await sessions.signIn(visitor.request(), {
          anonymous: true,
          data: { cart: 1 },
          context: THIEF_CONTEXT,
        }),
      )
      equal([anonymous.ok, anonymous.risk], [true, null], 'an anonymous session')
      clock.advance(60)
      equal(
        visitor.keep(await sessions.refresh(visitor.request(), { context: HOME })).risk,
        null,
        'its refresh',
      )
      equal(
        await sessions.riskProfile(anonymous.session.subject),
        null,
        'no profile of an anonymous session',
      )
      const tryOnce = (options) =>
        sessions.signIn(visitor.request(), {
          subject: 'user-1',
          keepData: true,
          context: THIEF_CONTEXT,
          ...options,
        })
      rejected(await tryOnce(), 'ERR_RISK_STEP_UP_REQUIRED', 403)
      equal(
        (await sessions.list(anonymous.session.subject)).length,
        1,
        'the anonymous session continues',
      )
      const admitted = visitor.keep(await tryOnce({ stepUpVerified: true }))
      equal(
        [admitted.ok, admitted.session.data],
        [true, { cart: 1 }],
        'the data of the anonymous session',
      )
      ok((await signIn(HOME)).ok, 'a user')
    },
  },
]
