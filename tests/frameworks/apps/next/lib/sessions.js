import { createSessions } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'

const keys = {
  ring: [{ id: '2026-11', secret: process.env.SESSION_SECRET }],
  storeKeySecret: process.env.INDEX_SECRET,
}

// One for the proxy and the pages, which are bundled apart. A store in a database needs no such
// care.
globalThis.sessionStore ??= memoryStore()

export const sessions = createSessions({
  issuer: 'https://app.example',
  keys,
  store: globalThis.sessionStore,
})
