// This case compiles adapters/types.ts and types-node.ts, which use the types of the frameworks.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const tests = fileURLToPath(new URL('..', import.meta.url))

export const cases = [
  {
    name: 'the types of the frameworks fit those of the adapters, and a wrong use does not compile',
    async run() {
      const { status, stdout, stderr } = spawnSync(process.execPath, [
        'node_modules/typescript/bin/tsc',
        '-p',
        'adapters',
      ], { cwd: tests, encoding: 'utf8' })
      if (status !== 0) throw new Error(`${stdout}${stderr}`)
    },
  },
]
