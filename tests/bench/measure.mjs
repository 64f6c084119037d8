// Measures portcullis and other packages on one machine in one run, and asserts nothing. Each line
// of the output is a JSON object: {"bench","runtime","ours_ns","peer","peer_ns","ratio"}. The ratio
// is peer_ns / ours_ns; above 1, portcullis is faster.

/**
 * A stopwatch for one runtime. `now` gives milliseconds, and may be asynchronous, because the clock
 * of workerd stands still while code runs. `longer` multiplies the calls of each measurement, for a
 * coarse clock. `most` is the number of rounds.
 */
export function stopwatch(runtime, now, say, { longer = 1, most = 9 } = {}) {
  /**
   * Measures nanoseconds per call: the median of rounds that alternate between portcullis and the
   * peer, so that a disturbance affects both.
   */
  async function compare(
    bench,
    ours,
    peer,
    peerRun,
    { rounds = most, calls = 2000, prepare = () => [] } = {},
  ) {
    const times = { ours: [], peer: [] }
    // The first calls are not measured, because an engine optimises a function after many calls.
    await measured(ours, calls, prepare)
    if (peerRun !== undefined) await measured(peerRun, calls, prepare)
    for (let round = 0; round < rounds; round += 1) {
      times.ours.push(await measured(ours, calls, prepare))
      if (peerRun !== undefined) times.peer.push(await measured(peerRun, calls, prepare))
    }
    print(bench, median(times.ours), peer, peerRun === undefined ? null : median(times.peer))
  }

  /**
   * A synchronous result is not awaited, because a promise costs as much as a tenth of a
   * verification.
   */
  async function measured(run, least, prepare) {
    const arguments_ = (await Promise.all(Array.from({ length: longer }, () => prepare(least))))
      .flat()
    const calls = least * longer
    const start = await now()
    let sum = 0
    for (let n = 0; n < calls; n += 1) {
      const answer = run(arguments_[n], n)
      sum += typeof answer?.then === 'function' ? ((await answer) ?? 0) : answer
    }
    const spent = (await now()) - start
    if (Number.isNaN(sum)) throw new Error('a run gave no number')
    return (spent * 1e6) / calls
  }

  function print(bench, ours, peer, peerTime) {
    const ratio = peerTime === null ? null : Number((peerTime / ours).toFixed(2))
    say(
      JSON.stringify({
        bench,
        runtime,
        ours_ns: Math.round(ours),
        peer: peer ?? null,
        peer_ns: peerTime === null ? null : Math.round(peerTime),
        ratio,
      }),
    )
  }

  return { compare, print }
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
