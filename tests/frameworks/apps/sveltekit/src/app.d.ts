import type { SessionLocals } from 'portcullis/sveltekit'

declare global {
  namespace App {
    interface Locals extends SessionLocals {}
  }
}
