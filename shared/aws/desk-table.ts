/** The items of the one table that tie conversations to the tickets of desks; docs/table.md has them all. */
import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { type DeskState, slotOf } from "../domain/desk-state.ts";
import type { DeskProgress, DeskTickets, DeskTimes, Listened } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

const MESSAGE_DAYS = 90;
const CLOSING_DAYS = 3;
const DAY_SECONDS = 86_400;
const REFUSED = "ConditionalCheckFailedException";

export class DeskTable implements DeskTickets, DeskTimes {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor({ tableName, client = new DynamoDBClient(PATIENCE) }: { tableName: string; client?: DynamoDBClient }) {
    this.#name = tableName;
    this.#client = client;
  }

  async deskState(desk: string, conversation: string): Promise<DeskState | undefined> {
    const item = await this.#get(pairKey(desk, conversation), "TICKET");
    return item?.state as DeskState | undefined;
  }

  async putDeskState(desk: string, conversation: string, state: DeskState): Promise<void> {
    await this.#put({ pk: pairKey(desk, conversation), sk: "TICKET", state });
  }

  async conversationOf(desk: string, ticket: string): Promise<string | undefined> {
    const item = await this.#get(`LINK#${desk}#${ticket}`, "LINK");
    return item?.conversation as string | undefined;
  }

  async linkTicket(desk: string, ticket: string, conversation: string): Promise<void> {
    await this.#put({ pk: `LINK#${desk}#${ticket}`, sk: "LINK", conversation });
  }

  async deskMessage(desk: string, conversation: string, message: string): Promise<string | undefined> {
    const item = await this.#get(pairKey(desk, conversation), `OURS#${message}`);
    return item?.deskMessage as string | undefined;
  }

  async messageBehind(
    desk: string,
    conversation: string,
    deskMessage: string,
  ): Promise<{ message: string; isOurs: boolean } | undefined> {
    const item = await this.#get(pairKey(desk, conversation), `THEIRS#${deskMessage}`);
    return item && { message: item.message as string, isOurs: item.isOurs as boolean };
  }

  async linkMessage(
    desk: string,
    conversation: string,
    { message, deskMessage, isOurs }: { message: string; deskMessage: string; isOurs: boolean },
  ): Promise<void> {
    const pk = pairKey(desk, conversation);
    const expires = Math.floor(Date.now() / 1000) + MESSAGE_DAYS * DAY_SECONDS;
    await this.#put({ pk, sk: `THEIRS#${deskMessage}`, message, isOurs, expires });
    await this.#put({ pk, sk: `OURS#${message}`, deskMessage, expires });
  }

  async listened(desk: string, conversation: string): Promise<Listened> {
    const { ticket, upTo, tags } = (await this.#get(pairKey(desk, conversation), "LISTENED")) ?? {};
    return {
      ...(ticket !== undefined && { ticket: ticket as string }),
      ...(upTo !== undefined && { upTo: upTo as string }),
      ...(tags !== undefined && { tags: tags as string[] }),
    };
  }

  async putListened(desk: string, conversation: string, listened: Listened): Promise<void> {
    await this.#put({ pk: pairKey(desk, conversation), sk: "LISTENED", ...listened });
  }

  async deskSince(desk: string, account: string, now: number): Promise<number> {
    const key = { pk: `DESKS#${desk}`, sk: `SINCE#${account}` };
    const known = await this.#get(key.pk, key.sk);
    if (known) return known.since as number;
    const command = new PutItemCommand({
      TableName: this.#name,
      Item: marshall({ ...key, since: now }),
      ConditionExpression: "attribute_not_exists(pk)",
    });
    try {
      await worldly(() => this.#client.send(command), [REFUSED]);
      return now;
    } catch (cause) {
      if (!(cause instanceof Error && cause.name === REFUSED)) throw cause;
      return this.deskSince(desk, account, now);
    }
  }

  async putClosing(desk: string, conversation: string, at: number): Promise<void> {
    const expires = Math.floor(at / 1000) + CLOSING_DAYS * DAY_SECONDS;
    await this.#put({ pk: `CLOSING#${desk}#${slotOf(at)}`, sk: conversation, expires });
  }

  async closings(desk: string, slot: number): Promise<string[]> {
    const found: string[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.#name,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: marshall({ ":pk": `CLOSING#${desk}#${slot}` }),
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      });
      const { Items = [], LastEvaluatedKey } = await worldly(() => this.#client.send(command));
      found.push(...Items.flatMap(({ sk }) => sk?.S ?? []));
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return found;
  }

  async deskProgress(desk: string): Promise<DeskProgress> {
    const item = await this.#get(`DESKS#${desk}`, "PROGRESS");
    return (item?.progress ?? {}) as DeskProgress;
  }

  async putDeskProgress(desk: string, progress: DeskProgress): Promise<void> {
    await this.#put({ pk: `DESKS#${desk}`, sk: "PROGRESS", progress });
  }

  async #get(pk: string, sk: string): Promise<Record<string, unknown> | undefined> {
    const command = new GetItemCommand({ TableName: this.#name, Key: marshall({ pk, sk }), ConsistentRead: true });
    const { Item } = await worldly(() => this.#client.send(command));
    return Item && unmarshall(Item);
  }

  async #put(item: Record<string, unknown>): Promise<void> {
    const Item = marshall(item, { removeUndefinedValues: true });
    await worldly(() => this.#client.send(new PutItemCommand({ TableName: this.#name, Item })));
  }
}

/** Everything of one conversation at one desk stands together. */
function pairKey(desk: string, conversation: string): string {
  return `DESK#${desk}#${conversation}`;
}
