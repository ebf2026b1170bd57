/** The one way to each kind of call on items of the table. What stands in them is known to the classes above it. */
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** As DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;
/** As we write it. */
export type Row = Record<string, unknown>;
/** As it is read; who asked knows what stands there. */
export type Found = ReturnType<typeof unmarshall>;

const REFUSED = "ConditionalCheckFailedException";
const DAY_SECONDS = 86_400;

/** Names and values that stand in a condition. */
interface Terms {
  names?: Record<string, string>;
  values?: Row;
}

interface Page {
  pk: string;
  /** Of the table itself unless it is told. */
  index?: { name: string; pk: string; sk: string };
  /** Sort keys from and to, both included. */
  between?: readonly [string, string];
  /** Sort keys below this one. */
  before?: string;
  /** As many as there are unless it is told. */
  limit?: number;
  isConsistent?: boolean;
  isBackward?: boolean;
}

export class Items {
  readonly client: DynamoDBClient;
  readonly tableName: string;

  constructor({ tableName, client = theClient() }: { tableName: string; client?: DynamoDBClient | undefined }) {
    this.tableName = tableName;
    this.client = client;
  }

  /** Consistent. */
  async getItem(pk: string, sk: string): Promise<Item | undefined> {
    const Key = marshall({ pk, sk });
    const command = new GetItemCommand({ TableName: this.tableName, Key, ConsistentRead: true });
    const { Item } = await worldly(() => this.client.send(command));
    return Item;
  }

  async get(pk: string, sk: string): Promise<Found | undefined> {
    const item = await this.getItem(pk, sk);
    return item && unmarshall(item);
  }

  /** What is undefined in it is left out. */
  async put(row: Row): Promise<void> {
    const Item = written(row);
    await worldly(() => this.client.send(new PutItemCommand({ TableName: this.tableName, Item })));
  }

  /** @returns false when the condition did not hold */
  async putIf(condition: string, row: Row, terms: Terms = {}): Promise<boolean> {
    return this.putItemIf(condition, written(row), terms);
  }

  async putItemIf(ConditionExpression: string, Item: Item, { names, values }: Terms = {}): Promise<boolean> {
    const command = new PutItemCommand({
      TableName: this.tableName,
      Item,
      ConditionExpression,
      ...(names && { ExpressionAttributeNames: names }),
      ...(values && { ExpressionAttributeValues: marshall(values) }),
    });
    return isAllowed(() => this.client.send(command));
  }

  /** @returns the attributes that were asked for; undefined when the condition did not hold */
  async update(
    key: { pk: string; sk: string },
    update: Omit<UpdateItemCommandInput, "TableName" | "Key">,
  ): Promise<Found | undefined> {
    const command = new UpdateItemCommand({ TableName: this.tableName, Key: marshall(key), ...update });
    let attributes: Found = {};
    const isDone = await isAllowed(async () => {
      const { Attributes = {} } = await this.client.send(command);
      attributes = unmarshall(Attributes);
    });
    return isDone ? attributes : undefined;
  }

  async remove(pk: string, sk: string): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.tableName, Key: marshall({ pk, sk }) });
    await worldly(() => this.client.send(command));
  }

  /** @returns whether there was anything */
  async removeKnown(pk: string, sk: string): Promise<boolean> {
    const Key = marshall({ pk, sk });
    const command = new DeleteItemCommand({ TableName: this.tableName, Key, ReturnValues: "ALL_OLD" });
    const { Attributes } = await worldly(() => this.client.send(command));
    return Attributes !== undefined;
  }

  /** In the order of the sort key, over as many pages as it takes. */
  async query({ pk, index, between, before, limit, isConsistent = false, isBackward = false }: Page): Promise<Found[]> {
    const range = between ? " AND #sk BETWEEN :from AND :to" : before !== undefined ? " AND #sk < :before" : "";
    const rows: Found[] = [];
    let start: Item | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.tableName,
        ...(index && { IndexName: index.name }),
        KeyConditionExpression: `#pk = :pk${range}`,
        ExpressionAttributeNames: { "#pk": index?.pk ?? "pk", ...(range && { "#sk": index?.sk ?? "sk" }) },
        ExpressionAttributeValues: marshall({
          ":pk": pk,
          ...(between && { ":from": between[0], ":to": between[1] }),
          ...(!between && before !== undefined && { ":before": before }),
        }),
        ConsistentRead: isConsistent,
        ScanIndexForward: !isBackward,
        ...(limit !== undefined && { Limit: limit - rows.length }),
        ...(start && { ExclusiveStartKey: start }),
      });
      const { Items: found = [], LastEvaluatedKey } = await worldly(() => this.client.send(command));
      rows.push(...found.map((item) => unmarshall(item)));
      start = LastEvaluatedKey;
    } while (start && (limit === undefined || rows.length < limit));
    return rows;
  }
}

/** The table's time to live, in seconds since 1970. @param now ms since 1970 */
export function inDays(now: number, days: number): number {
  return Math.floor(now / 1000) + days * DAY_SECONDS;
}

let client: DynamoDBClient | undefined;
/** One for all classes of a process: each costs its start, and has connections of its own. */
function theClient(): DynamoDBClient {
  client ??= new DynamoDBClient(PATIENCE);
  return client;
}

function written(row: Row): Item {
  return marshall(row, { removeUndefinedValues: true });
}

/** Whether the condition of a call held. */
async function isAllowed(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await worldly(call, [REFUSED]);
    return true;
  } catch (cause) {
    if (cause instanceof Error && cause.name === REFUSED) return false;
    throw cause;
  }
}
