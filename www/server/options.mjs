/** The command line of the demo. */
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { StartupError } from './problem.mjs'

/** The folder that holds pkg/, tests/ and www/. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const FLAGS = {
  port: { type: 'string', default: '8787' },
  db: { type: 'string', default: join(ROOT, 'target', 'demo', 'sessions.db') },
  keys: { type: 'string' },
  'access-ttl': { type: 'string' },
  'min-rotation-interval': { type: 'string' },
}

export function readOptions(args) {
  const flags = parse(args)
  const db = resolve(flags.db)
  return {
    port: wholeNumber('--port', flags.port, 0, 65535),
    db,
    // The default file is beside the database. Only its owner can read it.
    keys: resolve(flags.keys ?? join(dirname(db), 'demo-keys.json')),
    accessTtlSeconds: wholeNumber('--access-ttl', flags['access-ttl'], 60, 3600),
    minRotationIntervalSeconds: wholeNumber(
      '--min-rotation-interval',
      flags['min-rotation-interval'],
      0,
      300,
    ),
  }
}

function parse(args) {
  try {
    return parseArgs({ args, options: FLAGS, strict: true }).values
  } catch (error) {
    throw new StartupError(
      `${error.message}\nThe options of the demo: ${
        Object.keys(FLAGS).map((name) => `--${name}`).join(', ')
      }.`,
    )
  }
}

/** `undefined` selects the default of the package. */
function wholeNumber(flag, text, least, most) {
  if (text === undefined) return undefined
  const number = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (number >= least && number <= most) return number
  throw new StartupError(`${flag} takes a whole number from ${least} to ${most}, not "${text}".`)
}
