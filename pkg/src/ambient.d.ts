// What we use of the Workers runtime, written down here so that the package needs no types of
// others to be built.

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
