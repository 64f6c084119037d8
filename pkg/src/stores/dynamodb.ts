import { PortcullisError } from '../core/errors.js'
import type { Store } from './types.js'

/**
 * What is used of a `DynamoDB` client of `@aws-sdk/client-dynamodb` (the one that has a method for
 * each operation).
 */
export interface DynamoDbClient {
  // The SDK's own types for what goes in and comes out are not ours to repeat.
  getItem(input: unknown): Promise<{ Item?: unknown }>
  putItem(input: unknown): Promise<unknown>
  deleteItem(input: unknown): Promise<unknown>
}

/** What `dynamodbStore` takes beside the client. */
export interface DynamoDbStoreOptions {
  /**
   * A table whose partition key is `key`, a string, without a sort key. Its time to live, where it
   * is on, goes by `expires_at`.
   */
  tableName: string
}

/**
 * Sessions in one DynamoDB table, through a `DynamoDB` client of `@aws-sdk/client-dynamodb` 3.
 * Reads are strongly consistent, writes conditional; both go to one region. An item has `key`,
 * `value`, `revision`, and `expires_at` in seconds since 1970, as DynamoDB's time to live wants it.
 * DynamoDB deletes up to days late; until then `get` gives what has expired, and portcullis sees
 * that it has.
 *
 * @throws PortcullisError `ERR_CONFIG` for a client without those methods, as `DynamoDBClient` and
 * the document client are
 */
export function dynamodbStore(
  client: DynamoDbClient,
  { tableName: TableName }: DynamoDbStoreOptions,
): Store {
  if (typeof client?.getItem !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      "dynamodbStore needs a client that has getItem: new DynamoDB() of '@aws-sdk/client-dynamodb', not new DynamoDBClient().",
    )
  }

  const get: Store['get'] = async (key) => {
    const found = await client.getItem({
      TableName,
      Key: { key: { S: key } },
      ConsistentRead: true,
    })
    const item = found.Item as { value: { B: Uint8Array }; revision: { S: string } } | undefined
    return item === undefined
      ? null
      : { value: new Uint8Array(item.value.B), revision: item.revision.S }
  }

  return {
    capabilities: { swap: true },
    get,
    async swap(key, revision, write) {
      const before = revision === null ? undefined : { S: revision }
      if (write === null) {
        if (before === undefined) return (await get(key)) === null
        return succeeded(
          client.deleteItem({
            TableName,
            Key: { key: { S: key } },
            ConditionExpression: 'revision = :before',
            ExpressionAttributeValues: { ':before': before },
          }),
        )
      }
      const next = { S: crypto.randomUUID() }
      // Rounded up: late is fine, early is not.
      const item = {
        key: { S: key },
        value: { B: write.value },
        revision: next,
        expires_at: { N: String(Math.ceil(write.expiresAtMs / 1000)) },
      }
      // The SDK sends again what was not answered. A write that finds the revision which it brings
      // has landed already.
      return succeeded(client.putItem(
        before === undefined
          ? {
            TableName,
            Item: item,
            ConditionExpression: 'attribute_not_exists(revision) OR revision = :next',
            ExpressionAttributeValues: { ':next': next },
          }
          : {
            TableName,
            Item: item,
            ConditionExpression: 'revision IN (:before, :next)',
            ExpressionAttributeValues: { ':before': before, ':next': next },
          },
      ))
    },
  }
}

/**
 * Whether the condition held. Where the SDK had sent the same before, that may have landed and been
 * replaced since, and "nothing was changed" would be a lie: the error is thrown then.
 */
async function succeeded(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent
    return true
  } catch (thrown) {
    const { name, $metadata } = thrown as { name?: string; $metadata?: { attempts?: number } }
    if (name === 'ConditionalCheckFailedException' && ($metadata?.attempts ?? 1) === 1) return false
    throw thrown
  }
}
