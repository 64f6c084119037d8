// These cases use dynalite, an emulator of DynamoDB, in this process and through the AWS SDK.
// dynalite expires nothing and has one region, so expiry and replication are not tested.
import { DynamoDB, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dynamodbStore } from 'portcullis/stores/dynamodb'
import { equal, throwsCode } from '../suite/assert.mjs'
import { CuttableProxy, freePort } from './engine.mjs'
import { faults } from './faults.mjs'

const TABLE = {
  TableName: 'portcullis',
  AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
}
const tableName = TABLE.TableName

export async function dynamodb() {
  const engine = await Dynalite.start()
  const wire = await CuttableProxy.to(engine.port)
  const dead = await freePort()
  const client = at(engine.port)
  await client.createTable(TABLE)
  while ((await client.describeTable({ TableName: tableName })).Table.TableStatus !== 'ACTIVE') {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const open = (port, options) => dynamodbStore(at(port, options), { tableName })
  const store = {
    name: 'dynamodb',
    open: () => open(engine.port),
    conformance: {
      openSecondConnection: () => open(engine.port),
      openUnreachableStore: () => open(dead, { maxAttempts: 1 }),
      expiryDelayMs: 3000,
    },
  }
  const cases = [
    ...faults({
      name: 'dynamodb',
      open: () => open(engine.port),
      disturbances: { 'is closed and opened again': () => engine.reopen() },
      rounds: 5,
    }),
    ...faults({
      name: 'dynamodb, sent once',
      open: () => open(wire.port, { maxAttempts: 1 }),
      disturbances: { 'has its connections cut': async () => wire.cut() },
    }),
    ...faults({
      name: 'dynamodb',
      open: () => open(wire.port),
      disturbances: { 'has its connections cut': async () => wire.cut() },
      rounds: 5,
      hidden: true,
    }),
    ...particular(engine),
  ]
  return {
    version: `dynalite ${manifest('dynalite').version}`,
    stores: [store],
    cases,
    stop: () => wire.close().then(() => engine.close()),
  }
}

/** The client differs from the client of an application only in its endpoint and credentials. */
function at(port, options) {
  return new DynamoDB({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'local',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    ...options,
  })
}

/** This server keeps its data when it is closed, which the server of dynalite does not. */
class Dynalite {
  /**
   * If this is true, the next write is made but its answer is lost, because the connection ends
   * first.
   */
  losesNext = false
  #handle
  #server

  static async start() {
    const engine = new Dynalite()
    engine.#handle = dynalite({ createTableMs: 0 }).listeners('request')[0]
    engine.port = await freePort()
    await engine.#open()
    return engine
  }

  async #open() {
    this.#server = createServer((request, response) => this.#serve(request, response))
    await new Promise((resolve, reject) =>
      this.#server.on('error', reject).listen(this.port, '127.0.0.1', resolve)
    )
  }

  close() {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    return closed
  }

  /** The server stays closed long enough for the SDK to give up. */
  async reopen() {
    await this.close()
    await new Promise((resolve) => setTimeout(resolve, 500))
    await this.#open()
  }

  #serve(request, response) {
    // dynalite would throw the error of a cut connection where no code can catch it.
    const on = request.on
    request.on = (
      event,
      listener,
    ) => (event === 'error' ? request : on.call(request, event, listener))
    if (this.losesNext && /(Put|Delete)Item$/.test(request.headers['x-amz-target'])) {
      this.losesNext = false
      response.end = () => request.socket.destroy()
    }
    this.#handle(request, response)
  }
}

const lasting = (...bytes) => ({
  value: Uint8Array.from(bytes),
  expiresAtMs: Date.now() + 86_400_000,
})
const freshKey = () => `pc1_${crypto.randomUUID().slice(0, 22)}`

function particular(engine) {
  const open = (client) => dynamodbStore(client, { tableName })
  const losing = (call) => {
    engine.losesNext = true
    return call().finally(() => equal(engine.losesNext, false, 'the answer was lost'))
  }
  return [
    {
      name: 'a swap whose answer is lost reports success when the SDK sends it again',
      async run() {
        const store = open(at(engine.port))
        const key = freshKey()
        equal(await losing(() => store.swap(key, null, lasting(1))), true, 'a swap that creates')
        const { revision } = await store.get(key)
        equal(
          await losing(() => store.swap(key, revision, lasting(2))),
          true,
          'a swap that replaces',
        )
        equal(
          await store.swap(key, revision, lasting(3)),
          false,
          'a swap with the revision from before',
        )
        equal((await store.get(key)).value[0], 2, 'the value')
      },
    },
    {
      name: 'a repeated delete throws if the result of its first attempt is unknown',
      async run() {
        const store = open(at(engine.port))
        const key = freshKey()
        await store.swap(key, null, lasting(1))
        const { revision } = await store.get(key)
        const outcome = (call) => call.then((answer) => answer, ({ name }) => name)
        equal(
          await outcome(losing(() => store.swap(key, revision, null))),
          'ConditionalCheckFailedException',
          'a delete that was applied before it was repeated',
        )
        equal(await store.get(key), null, 'the value after the delete')
        equal(
          await outcome(store.swap(key, revision, null)),
          false,
          'a delete of a missing value that was sent once',
        )
      },
    },
    {
      name: 'the deadline is stored in whole seconds, rounded up',
      async run() {
        const client = at(engine.port)
        const key = freshKey()
        await open(client).swap(key, null, {
          value: Uint8Array.of(1),
          expiresAtMs: 1_800_000_000_001,
        })
        const { Item } = await client.getItem({ TableName: tableName, Key: { key: { S: key } } })
        equal(Item.expires_at, { N: '1800000001' }, 'expires_at')
      },
    },
    {
      name: 'every read is strongly consistent',
      async run() {
        const asked = []
        const client = at(engine.port)
        const store = open({
          getItem: (input) => (asked.push(input.ConsistentRead), client.getItem(input)),
        })
        await store.get(freshKey())
        await store.swap(freshKey(), null, null)
        equal(asked, [true, true], 'ConsistentRead')
      },
    },
    {
      name: 'a client that lacks a method is rejected',
      async run() {
        for (const client of [undefined, {}, new DynamoDBClient({ region: 'local' })]) {
          await throwsCode('ERR_CONFIG', () => open(client))
        }
      },
    },
  ]
}

const manifest = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'))
