import { createSessions } from 'portcullis'
import { memoryStore } from 'portcullis/stores/memory'

export const sessions = createSessions<{ cart: string[] }>({
  issuer: 'https://app.example',
  keys: { ring: [{ id: '1', secret: '' }], storeKeySecret: '' },
  store: memoryStore(),
})
