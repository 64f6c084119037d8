// A Redis Cluster of two servers that have half of the slots each: a script that touched a key
// beside its own would find it on the other one half of the time, and be refused.
import { freePort } from './engine.mjs'
import { sendCommand } from './redis-client.mjs'

const HALVES = [['0', '8191'], ['8192', '16383']]

/** `server` starts one with more arguments. */
export async function redisCluster(server) {
  const servers = []
  const stop = () => Promise.all(servers.map((one) => one.stop()))
  try {
    // The port of the cluster's own traffic would be ours and 10000, which there need not be.
    for (const slots of HALVES) {
      servers.push(
        Object.assign(
          await server([
            '--cluster-enabled',
            'yes',
            '--cluster-announce-ip',
            '127.0.0.1',
            '--cluster-port',
            `${await freePort()}`,
          ]),
          { slots },
        ),
      )
    }
    for (const [n, { port, slots }] of servers.entries()) {
      await sendCommand(port, 'CLUSTER', 'SET-CONFIG-EPOCH', `${n + 1}`)
      await sendCommand(port, 'CLUSTER', 'ADDSLOTSRANGE', ...slots)
    }
    const [one, other] = servers.map(({ port }) => port)
    await sendCommand(
      one,
      'CLUSTER',
      'MEET',
      '127.0.0.1',
      `${other}`,
      (await sendCommand(other, 'CONFIG', 'GET', 'cluster-port'))[1],
    )
    for (const port of [one, other]) await agreed(port)
    return { port: one, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A server is told of the other's slots within a second or two. */
async function agreed(port) {
  for (let left = 300;; left -= 1) {
    const said = await sendCommand(port, 'CLUSTER', 'INFO')
    if (/cluster_state:ok/.test(said) && /cluster_slots_ok:16384/.test(said)) return
    if (left === 0) throw new Error(`The servers do not make a cluster:\n${said}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
