/** The items of the one table that tie conversations to the tickets of desks; docs/table.md has them all. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type DeskState, slotOf } from "../domain/desk-state.ts";
import type { DeskProgress, DeskTickets, DeskTimes, Listened } from "../ports.ts";
import { Items, inDays } from "./items.ts";

const MESSAGE_DAYS = 90;
const CLOSING_DAYS = 3;

export class DeskTable implements DeskTickets, DeskTimes {
  readonly #items: Items;

  constructor(table: { tableName: string; client?: DynamoDBClient }) {
    this.#items = new Items(table);
  }

  async deskState(desk: string, conversation: string): Promise<DeskState | undefined> {
    const item = await this.#items.get(pairKey(desk, conversation), "TICKET");
    return item?.state;
  }

  async putDeskState(desk: string, conversation: string, state: DeskState): Promise<void> {
    await this.#items.put({ pk: pairKey(desk, conversation), sk: "TICKET", state });
  }

  async conversationOf(desk: string, ticket: string): Promise<string | undefined> {
    const item = await this.#items.get(`LINK#${desk}#${ticket}`, "LINK");
    return item?.conversation;
  }

  async linkTicket(desk: string, ticket: string, conversation: string): Promise<void> {
    await this.#items.put({ pk: `LINK#${desk}#${ticket}`, sk: "LINK", conversation });
  }

  async deskMessage(desk: string, conversation: string, message: string): Promise<string | undefined> {
    const item = await this.#items.get(pairKey(desk, conversation), `OURS#${message}`);
    return item?.deskMessage;
  }

  async messageBehind(
    desk: string,
    conversation: string,
    deskMessage: string,
  ): Promise<{ message: string; isOurs: boolean } | undefined> {
    const item = await this.#items.get(pairKey(desk, conversation), `THEIRS#${deskMessage}`);
    return item && { message: item.message, isOurs: item.isOurs };
  }

  async linkMessage(
    desk: string,
    conversation: string,
    { message, deskMessage, isOurs, ticket }: Parameters<DeskTickets["linkMessage"]>[2],
  ): Promise<void> {
    const pk = pairKey(desk, conversation);
    const expires = inDays(Date.now(), MESSAGE_DAYS);
    await this.#items.put({ pk, sk: `THEIRS#${deskMessage}`, message, isOurs, ticket, expires });
    await this.#items.put({ pk, sk: `OURS#${message}`, deskMessage, ticket, expires });
  }

  async listened(desk: string, conversation: string): Promise<Listened> {
    const { ticket, upTo, tags } = (await this.#items.get(pairKey(desk, conversation), "LISTENED")) ?? {};
    return {
      ...(ticket !== undefined && { ticket: ticket }),
      ...(upTo !== undefined && { upTo: upTo }),
      ...(tags !== undefined && { tags: tags }),
    };
  }

  async putListened(desk: string, conversation: string, listened: Listened): Promise<void> {
    await this.#items.put({ pk: pairKey(desk, conversation), sk: "LISTENED", ...listened });
  }

  async deskSince(desk: string, account: string, now: number): Promise<number> {
    const key = { pk: `DESKS#${desk}`, sk: `SINCE#${account}` };
    const known = await this.#items.get(key.pk, key.sk);
    if (known) return known.since;
    const isFirst = await this.#items.putIf("attribute_not_exists(pk)", { ...key, since: now });
    return isFirst ? now : this.deskSince(desk, account, now);
  }

  async putClosing(desk: string, conversation: string, at: number): Promise<void> {
    const expires = inDays(at, CLOSING_DAYS);
    await this.#items.put({ pk: `CLOSING#${desk}#${slotOf(at)}`, sk: conversation, expires });
  }

  async closings(desk: string, slot: number): Promise<string[]> {
    const rows = await this.#items.query({ pk: `CLOSING#${desk}#${slot}` });
    return rows.map(({ sk }) => String(sk));
  }

  async deskProgress(desk: string): Promise<DeskProgress> {
    const item = await this.#items.get(`DESKS#${desk}`, "PROGRESS");
    return item?.progress ?? {};
  }

  async putDeskProgress(desk: string, progress: DeskProgress): Promise<void> {
    await this.#items.put({ pk: `DESKS#${desk}`, sk: "PROGRESS", progress });
  }
}

/** Everything of one conversation at one desk stands together. */
function pairKey(desk: string, conversation: string): string {
  return `DESK#${desk}#${conversation}`;
}
