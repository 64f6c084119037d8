// The few assertions the suite needs, on every runtime.

export function ok(value, what) {
  if (!value) throw new Error(`expected ${what}`)
}

export function equal(actual, expected, what = 'the value') {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (left !== right) throw new Error(`${what}: expected ${right}, got ${left}`)
}

/**
 * Checks the code of the error that `run` throws, and that its message is a sentence. Returns the
 * error.
 */
export async function throwsCode(code, run) {
  let error
  try {
    await run()
  } catch (thrown) {
    error = thrown
  }
  ok(error !== undefined, `${code}, and nothing was thrown`)
  equal(error.code, code, `the code of "${error.message}"`)
  equal(error.name, 'PortcullisError', 'the name of the error')
  ok(
    /^\S+ \S+ .+[.)?]$/.test(error.message),
    `a sentence that says what to do, not "${error.message}"`,
  )
  return error
}

export function rejected(answer, code, status) {
  equal([answer.ok, answer.code, answer.status], [false, code, status], 'the rejection')
  ok(answer.message.length > 10, 'a sentence')
}

export const clears = (headers) =>
  headers.getSetCookie().filter((line) => /Max-Age=0/.test(line)).length
