// Measures, on one machine in one run, ours beside others; never asserts. One JSON object a line:
// {"bench","runtime","ours_ns","peer","peer_ns","ratio"}, ratio = peer_ns / ours_ns (above 1: ours
// is faster).

/**
 * A stopwatch for one runtime. `now` gives milliseconds; it may be asynchronous, because in workerd
 * time passes only between the pieces of work. `longer` makes each piece so many times longer,
 * where the clock is coarse; `most` rounds are made.
 */
export function stopwatch(runtime, now, say, { longer = 1, most = 9 } = {}) {
  /**
   * Nanoseconds a call: the median of rounds, ours and the peer's taking turns, so that a noisy
   * minute hits both.
   */
  async function compare(
    bench,
    ours,
    peer,
    peerRun,
    { rounds = most, calls = 2000, prepare = () => [] } = {},
  ) {
    const times = { ours: [], peer: [] }
    // An engine compiles what runs often anew, and better: that is not measured.
    await measured(ours, calls, prepare)
    if (peerRun !== undefined) await measured(peerRun, calls, prepare)
    for (let round = 0; round < rounds; round += 1) {
      times.ours.push(await measured(ours, calls, prepare))
      if (peerRun !== undefined) times.peer.push(await measured(peerRun, calls, prepare))
    }
    print(bench, median(times.ours), peer, peerRun === undefined ? null : median(times.peer))
  }

  /**
   * What is synchronous is not made to wait: a promise costs as much as a tenth of a verification.
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
