/**
 * The Lua script of the swap, which the Redis and Upstash stores share. A stored value begins with
 * the 36 characters of its revision, so one GET reads both. The script uses one key only, as Redis
 * Cluster requires.
 */

/** The length of a revision: that of a UUID. */
export const REVISION_LENGTH = 36

/**
 * KEYS[1] is the key. ARGV[1] is the expected revision, '' for no value. ARGV[2] is the new
 * revision followed by the value, or '' to delete. ARGV[3] is the expiry in milliseconds since
 * 1970. A client may repeat a command after a lost response: a stored revision equal to the new one
 * means that the first attempt was written. GETRANGE returns '' if there is no value.
 */
const SCRIPT = `local revision = redis.call('GETRANGE', KEYS[1], 0, 35)
if ARGV[2] ~= '' and revision == string.sub(ARGV[2], 1, 36) then return 1 end
if revision ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
return 1`

/**
 * The SHA-1 of the script. It is a constant because hashing is asynchronous or missing on some
 * runtimes.
 */
const DIGEST = 'e6334e1decb7a92c283f5915b8bea32001a2e8b4'

/** Runs a script that is passed as its digest (`EVALSHA`) or as its source (`EVAL`). */
export type RunScript = (command: 'EVALSHA' | 'EVAL', script: string) => Promise<unknown>

/**
 * Runs the swap by its digest, or by its source if the server does not have it, as after a restart
 * or a failover. Returns whether the swap was made.
 */
export async function swapByScript(run: RunScript): Promise<boolean> {
  const answer = await run('EVALSHA', DIGEST).catch((error: unknown) => {
    if (!String(error).includes('NOSCRIPT')) throw error
    return run('EVAL', SCRIPT)
  })
  // Some clients return numbers as strings. Any other result does not come from the script.
  if (String(answer) !== '1' && String(answer) !== '0') {
    throw new Error('Unexpected result of the swap script: expected 0 or 1.')
  }
  return String(answer) === '1'
}

/**
 * Formats an expiry for Redis, which accepts neither zero nor a fraction. Rounded up, because a
 * value must not expire early.
 */
export function deadline(expiresAtMs: number): string {
  return String(Math.max(1, Math.ceil(expiresAtMs)))
}
