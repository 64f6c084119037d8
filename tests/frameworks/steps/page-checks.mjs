// The checks that the steps share.
import assert from 'node:assert/strict'

export async function enter(visitor, name) {
  return visitor.submit(await visitor.go('/sign-in'), 0, { name })
}

export async function list(visitor) {
  const answer = await visitor.go('/session/list', { from: 'own' })
  assert.equal(answer.status, 200, answer.text)
  return JSON.parse(answer.text)
}

/** Checks that no cache gives the response to another user. */
export function assertNotShared({ headers }) {
  const isKept = !/no-store|private/.test(headers.get('cache-control') ?? '')
  if (isKept) assert.match(headers.get('vary') ?? '', /cookie/i)
}

export function portcullisCookies({ setCookies }) {
  return setCookies.filter((line) => line.startsWith('__Host-portcullis'))
}

/** Checks that both tokens were replaced. */
export function moved(before, after) {
  assert.equal(before.size, 2, [...before.keys()].join(', '))
  assert.equal(after.size, 2, [...after.keys()].join(', '))
  const old = new Set(before.values())
  for (const [name, value] of after) assert.ok(!old.has(value), `${name} is the same as before`)
}
