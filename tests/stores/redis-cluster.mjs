// This file starts a Redis Cluster of two servers that each have half of the slots. A second key of
// a script would often be on the other server, so Redis would refuse the script.
import { freePort } from './engine.mjs'
import { sendCommand } from './redis-client.mjs'

const HALVES = [['0', '8191'], ['8192', '16383']]

/** The function `server` starts one server with additional arguments. */
export async function redisCluster(server) {
  const servers = []
  const stop = () => Promise.all(servers.map((one) => one.stop()))
  try {
    // By default, the cluster port is the port plus 10000, which may be above 65535 or in use.
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

/** Each server learns the slots of the other server within a second or two. */
async function agreed(port) {
  for (let left = 300;; left -= 1) {
    const said = await sendCommand(port, 'CLUSTER', 'INFO')
    if (/cluster_state:ok/.test(said) && /cluster_slots_ok:16384/.test(said)) return
    if (left === 0) throw new Error(`The servers do not make a cluster:\n${said}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
