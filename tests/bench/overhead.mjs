// Measures the time that an adapter adds. Its get and swap alternate in one process with the same
// two commands, written by hand on the bare client, with the same bytes. The engine does not wait
// for the disk here, because that wait would hide the adapter.
/** The approximate size of a record with one session. */
const RECORD_BYTES = 150
const KEYS = 300
const DAY_MS = 86_400_000

export async function overhead({ compare }, name, engine) {
  const { store, raw, fill } = await engine.prefilledStore('overhead')
  await engine.relax()
  const records = Array.from({ length: KEYS }, fresh)
  await fill(records)
  const setUp = (calls) =>
    Array.from({ length: calls }, (_, n) => ({ ...fresh(), key: records[n % KEYS].key }))
  const pair = engine.client === 'node:sqlite' ? atOnce : inTurn
  await compare(`store-overhead-${name}`, pair(store), engine.client, pair(raw), {
    rounds: 25,
    calls: KEYS,
    prepare: setUp,
  })
}

function fresh() {
  const key = `pc1_${crypto.randomUUID().replaceAll('-', '').slice(0, 22)}`
  return {
    key,
    value: crypto.getRandomValues(new Uint8Array(RECORD_BYTES)),
    revision: crypto.randomUUID(),
    expiresAtMs: Date.now() + DAY_MS,
  }
}

/** Both operations on a synchronous client. */
const atOnce = ({ get, swap }) => (write) =>
  checkedValue(swap(write.key, get(write.key).revision, write))

const inTurn = ({ get, swap }) => async (write) =>
  checkedValue(await swap(write.key, (await get(write.key)).revision, write))

const checkedValue = (landed) => (landed ? 0 : Number.NaN)
