import { PortcullisError } from '../core/errors.js'
import type { Store } from './types.js'

/**
 * The part of a `DynamoDB` client of `@aws-sdk/client-dynamodb` that the store uses. That client
 * has a method for each operation.
 */
export interface DynamoDbClient {
  // The SDK declares the types of inputs and outputs.
  getItem(input: unknown): Promise<{ Item?: unknown }>
  putItem(input: unknown): Promise<unknown>
  deleteItem(input: unknown): Promise<unknown>
}

/** The options of `dynamodbStore`. */
export interface DynamoDbStoreOptions {
  /**
   * The name of a table whose partition key is the string `key`, without a sort key. Enable time to
   * live on its attribute `expires_at`.
   */
  tableName: string
}

/**
 * Creates a store that keeps sessions in one DynamoDB table, through a `DynamoDB` client of
 * `@aws-sdk/client-dynamodb` 3. Reads are strongly consistent and writes are conditional, both
 * within one region. An item has `key`, `value`, `revision` and `expires_at`, in seconds since 1970
 * as DynamoDB's time to live requires. DynamoDB may delete an expired item days late; until then
 * `get` returns it, and the core rejects the expired sessions in it.
 *
 * @example
 *
 * ```js
 * const store = dynamodbStore(new DynamoDB({ region: 'eu-west-1' }), { tableName: 'sessions' })
 * ```
 *
 * @throws PortcullisError `ERR_CONFIG` for another client, such as `DynamoDBClient` or the document
 * client
 */
export function dynamodbStore(
  client: DynamoDbClient,
  { tableName: TableName }: DynamoDbStoreOptions,
): Store {
  if (typeof client?.getItem !== 'function') {
    throw new PortcullisError(
      'ERR_CONFIG',
      'Unsupported client for dynamodbStore: pass new DynamoDB(), not DynamoDBClient, of @aws-sdk/client-dynamodb.',
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
      // Rounded up, because a value must not expire early.
      const item = {
        key: { S: key },
        value: { B: write.value },
        revision: next,
        expires_at: { N: String(Math.ceil(write.expiresAtMs / 1000)) },
      }
      // The SDK repeats a request after a lost response. An item that already has the new revision
      // was written by the first attempt.
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
 * Returns whether the condition of a write held. If the SDK had repeated the request, its first
 * attempt may have been written and since replaced, so a failed condition does not prove that
 * nothing changed: the error is then thrown.
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
