/**
 * The swap of Redis and of Upstash, which run the same Lua. A stored value begins with the 36
 * characters of its revision, so one GET reads both, and the script touches one key, as Redis
 * Cluster wants it.
 */

/** How many characters a revision has: those of a UUID. */
export const REVISION_LENGTH = 36

/**
 * KEYS[1] is the key. ARGV[1]: the revision that it must have, '' for no value. ARGV[2]: what to
 * put there, its revision in front, or '' to delete. ARGV[3]: the deadline. A client may send a
 * command again whose answer it lost: a write that finds its own revision has landed. (GETRANGE
 * gives '' where there is no value.)
 */
const SCRIPT = `local revision = redis.call('GETRANGE', KEYS[1], 0, 35)
if ARGV[2] ~= '' and revision == string.sub(ARGV[2], 1, 36) then return 1 end
if revision ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
return 1`

/**
 * The SHA-1 of the script, written down because hashing is asynchronous, or missing, on some
 * runtimes.
 */
const DIGEST = 'e6334e1decb7a92c283f5915b8bea32001a2e8b4'

/** Runs a script that is named by its digest (`EVALSHA`), or is given whole (`EVAL`). */
export type RunScript = (command: 'EVALSHA' | 'EVAL', script: string) => Promise<unknown>

/**
 * By the digest, and whole where the server does not know that: a restart or a failover empties its
 * cache of scripts.
 */
export async function swapByScript(run: RunScript): Promise<boolean> {
  const answer = await run('EVALSHA', DIGEST).catch((error: unknown) => {
    if (!String(error).includes('NOSCRIPT')) throw error
    return run('EVAL', SCRIPT)
  })
  // A client may be set to give numbers as strings. Whatever else came is no answer of the script.
  if (String(answer) !== '1' && String(answer) !== '0') {
    throw new Error('The script of the swap gave no answer.')
  }
  return String(answer) === '1'
}

/**
 * What goes with a deadline: Redis takes no zero and no fraction. Rounded up, because early is
 * wrong.
 */
export function deadline(expiresAtMs: number): string {
  return String(Math.max(1, Math.ceil(expiresAtMs)))
}
