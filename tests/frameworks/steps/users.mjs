// Steps with sign-in, sign-out and other sites.
import assert from 'node:assert/strict'
import { assertNotShared, enter, list, portcullisCookies } from './page-checks.mjs'

export async function visitPublicPage({ ada }) {
  const page = await ada.go('/')
  assert.equal(page.status, 200)
  assert.match(page.text, /Welcome, nobody/)
  assertNotShared(page)
  assert.equal((await ada.cookies()).size, 0)
}

export async function visitWithoutSession({ ada }) {
  const page = await ada.go('/account')
  assert.equal(page.path, '/sign-in')
  assert.doesNotMatch(page.text, /Hello/)
}

export async function signIn({ ada }) {
  const page = await enter(ada, 'ada')
  assert.equal(page.path, '/account')
  assert.match(page.text, /Hello ada/)
  const lines = page.setCookies.filter((line) => line.startsWith('__Host-portcullis'))
  assert.equal(lines.length, 2, lines.join('\n'))
  for (const line of lines) {
    assert.match(
      line,
      new RegExp(
        '^__Host-portcullis-(access|refresh-\\d+)=[\\w.-]+; (?=.*Path=/)(?=.*Max-Age=\\d+)'
          + '(?=.*Secure)(?=.*HttpOnly)(?=.*SameSite=Lax)',
        'i',
      ),
    )
  }
}

export async function unchanged({ ada }) {
  const page = await ada.go('/account')
  assert.match(page.text, /Hello ada/)
  assert.deepEqual(portcullisCookies(page), [])
}

export async function ownForm({ ada }) {
  const page = await ada.submit(await ada.go('/account'), 0, {})
  assert.equal(page.status, 200)
  assert.match(page.text, /Noted by ada/)
}

export async function ownFormByOrigin({ ada }) {
  const page = await ada.submit(await ada.go('/account'), 0, {}, {
    from: 'own, without fetch metadata',
  })
  assert.match(page.text, /Noted by ada/)
}

export async function foreignForm({ ada, app }) {
  const page = await ada.submit(await ada.go('/account'), 0, {}, { from: 'elsewhere' })
  assert.equal(page.status, app.foreign.status)
  assert.doesNotMatch(page.text, /Noted/)
}

export async function foreignFormByOrigin({ ada, app }) {
  const page = await ada.submit(await ada.go('/account'), 0, {}, {
    from: 'elsewhere, without fetch metadata',
  })
  assert.equal(page.status, app.foreign.status)
  assert.doesNotMatch(page.text, /Noted/)
}

export async function foreignJson({ ada, app }) {
  for (const from of ['elsewhere', 'elsewhere, without fetch metadata']) {
    const page = await ada.go(app.foreign.path, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
      from,
    })
    assert.equal(page.status, 403)
    assert.equal(JSON.parse(page.text).code, 'ERR_CROSS_ORIGIN')
  }
}

export async function routes({ ada }) {
  const { sessions } = await list(ada)
  assert.deepEqual(sessions.map(({ subject, current }) => [subject, current]), [['ada', true]])
  const rejected = await ada.go('/session/sign-out', { method: 'POST', from: 'elsewhere' })
  assert.equal(rejected.status, 403)
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

export async function otherOne({ visitor, later }) {
  const bob = visitor()
  await enter(bob, 'bob')
  const form = await bob.go('/sign-in')
  await later()
  const page = await bob.submit(form, 0, { name: 'cleo' })
  assert.match(page.text, /Hello cleo/)
  assert.deepEqual(
    [...(await bob.cookies()).keys()].map((name) => name.replace(/\d+$/, '')).sort(),
    ['__Host-portcullis-access', '__Host-portcullis-refresh-'],
  )
  await later()
  assert.match((await bob.go('/account')).text, /Hello cleo/)
}

export async function revokedSession({ ada, visitor, later }) {
  const otherPlace = visitor()
  await enter(otherPlace, 'ada')
  const { id } = (await list(ada)).sessions.find(({ current }) => !current)
  const answer = await ada.go('/session/revoke', {
    method: 'POST',
    body: JSON.stringify({ id }),
    from: 'own',
  })
  assert.equal(answer.status, 204)
  await later()
  const page = await otherPlace.go('/account')
  assert.equal(page.path, '/sign-in')
  assert.equal((await otherPlace.cookies()).size, 0)
  assert.match((await ada.go('/account')).text, /Hello ada/)
}

export async function leave({ visitor, later, app }) {
  const dora = visitor()
  await enter(dora, 'dora')
  await later()
  const answer = await dora.go(app.leave, { method: 'POST', from: 'own' })
  assert.equal(answer.text, 'Bye')
  assert.equal((await dora.cookies()).size, 0)
}

export async function signOut(world) {
  const { ada, later } = world
  const form = await ada.go('/account')
  world.kept = await ada.twin()
  await later()
  await ada.submit(form, 1, {}, { follow: false })
  assert.deepEqual([...(await ada.cookies({ all: true })).keys()], ['theme'])
  assert.match((await ada.go('/')).text, /Welcome, nobody/)
}

export async function replay({ kept }) {
  const page = await kept.go('/account')
  assert.equal(page.path, '/sign-in')
  assert.equal((await kept.cookies()).size, 0)
}
