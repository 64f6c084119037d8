// Every runner prints a line for each failure, and at the end one line of JSON for the build tool.

export function report({ suite, engine, version, passed, failed, skipped = [] }) {
  for (const { name, message } of failed) console.log(`FAILED ${name}\n${message}\n`)
  for (const { name, why } of skipped) console.log(`SKIPPED ${name}: ${why}`)
  console.log(JSON.stringify({ suite, engine, version, passed, failed: failed.length, skipped }))
  return failed.length === 0
}
