// Measures a risk score in three ways: the pure function with a full risk profile, decoded and
// encoded; its part in Wasm; and the decision on a refresh with a request context, beside the same
// decision without one. There is no featureHashKey, because each call would derive subkeys of it.
import { scoreAnomaly } from 'portcullis'
import { writeText } from '../node_modules/portcullis/dist/core/shared-buffer.js'
import { scoreAnomaly as inWasm } from '../node_modules/portcullis/wasm/portcullis.js'
import { captureDecisions } from './decide.mjs'

const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const HOME = {
  ip: '192.0.2.7',
  asn: 64500,
  country: 'DE',
  lat: 52.5,
  lon: 13.4,
  networkKind: 'residential',
  userAgent: AGENT,
  language: 'de',
  tlsFingerprint: 't13d1516h2_8daaf6152771_02713d6af862',
  rttMs: 23,
  clientHints: {
    brands: '"Chromium";v="140", "Google Chrome";v="140", "Not-A.Brand";v="99"',
    platform: 'Windows',
    mobile: false,
  },
}
/** A new network for each call, which fills the profile. */
const otherPlace = (n) => ({
  ...HOME,
  ip: `198.51.${n % 256}.7`,
  asn: 64500 + (n % 20),
  country: ['DE', 'FR', 'IT', 'ES', 'PL', 'AT', 'CH'][n % 7],
})

export async function scoringBenches({ compare }) {
  const start = Date.UTC(2026, 0, 1)
  const input = { kind: 'refresh', profile: null, session: null, context: HOME, nowMs: start }
  for (let n = 0; n < 200; n += 1) {
    const nowMs = start + n * 7_200_000
    const { afterStepUp, profile, session } = scoreAnomaly({
      ...input,
      kind: n % 10 === 0 ? 'sign_in' : 'refresh',
      context: otherPlace(n),
      nowMs,
    })
    Object.assign(input, afterStepUp ?? { profile, session }, { nowMs: nowMs + 1000 })
  }
  await compare('score', () => scoreAnomaly(input).score, undefined, undefined)
  const {
    ip,
    asn,
    country,
    lat,
    lon,
    networkKind,
    userAgent,
    clientHints,
    tlsFingerprint,
    language,
    rttMs,
  } = HOME
  // This text is the one that pkg/src/risk/score.ts writes: a refresh, an ordinary token, no device
  // cookie, and the request context.
  const text = [
    1,
    0,
    '',
    ip,
    asn,
    country,
    lat * 1000,
    lon * 1000,
    networkKind,
    userAgent,
    clientHints.brands,
    clientHints.platform,
    0,
    tlsFingerprint,
    language,
    rttMs,
    '',
  ].join('\0')
  await compare(
    'score-in-wasm',
    () => inWasm(input.profile, input.session, writeText(text), undefined, undefined, input.nowMs),
    undefined,
    undefined,
  )
  const [scored, plain] = [await captureDecisions(8, HOME), await captureDecisions(8)]
  const run = ({ decide }) => () => (decide().write === null ? Number.NaN : 0)
  await compare('decide-refresh-scored', run(scored), 'without scoring', run(plain))
  for (const { dispose } of [scored, plain]) dispose()
}
