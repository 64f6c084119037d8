import { createSessions } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'

const keys = {
  ring: [{ id: '2026-11', secret: process.env.SESSION_SECRET }],
  storeKeySecret: process.env.INDEX_SECRET,
}

export const sessions = createSessions({
  issuer: 'https://app.example',
  keys,
  store: memoryStore(),
})
