// The parts of the Workers runtime that this package uses. Declared here so that the build needs no
// types of another package.

declare module 'cloudflare:workers' {
  export function waitUntil(promise: Promise<unknown>): void
  interface SqlCursor {
    toArray(): Record<string, ArrayBuffer | string | number | null>[]
  }
  interface DurableObjectState {
    readonly storage: {
      readonly sql: { exec(query: string, ...bindings: unknown[]): SqlCursor }
      getAlarm(): Promise<number | null>
      setAlarm(scheduledTime: number): Promise<void>
      deleteAll(): Promise<void>
    }
  }
  export class DurableObject<Env = unknown> {
    constructor(ctx: DurableObjectState, env: Env)
    protected ctx: DurableObjectState
    protected env: Env
  }
}

declare module '*?module' {
  const module: WebAssembly.Module
  export default module
}

declare module '*.wasm' {
  const module: WebAssembly.Module
  export default module
}
