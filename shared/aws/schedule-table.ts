/** What is to be sent later. A minute's messages lie in eight partitions, so that a campaign does not meet in one. */
import { padded } from "../domain/envelope.ts";
import type { SendRequest } from "../domain/mailbox.ts";
import type { DueSends, Schedule, ScheduledSend } from "../ports.ts";
import { SHARDS, shardOf } from "./contact-table.ts";
import { Items, inDays } from "./items.ts";

const MINUTE_MS = 60_000;
/** Only what nobody took off, however long that was tried, is left to expire. */
const KEPT_DAYS = 30;
const PAGE = 100;
const PROGRESS = { pk: "SCHEDULED#progress", sk: "PROGRESS" };

export class ScheduleTable implements Schedule, DueSends {
  readonly #items: Items;

  constructor(table: ConstructorParameters<typeof Items>[0]) {
    this.#items = new Items(table);
  }

  async schedule({ log, sequence, account, message }: SendRequest, at: number): Promise<void> {
    const key = keyOf({ log, sequence, account, message }, at);
    await this.#items.put({ ...key, log, sequence, account, message, at, expires: inDays(at, KEPT_DAYS) });
  }

  async due(minute: number, until: number, seen: readonly ScheduledSend[] = []): Promise<ScheduledSend[][]> {
    const last = new Map(seen.map(({ request, at }) => keyOf(request, at)).map(({ pk, sk }) => [pk, sk]));
    const shards = Array.from({ length: SHARDS }, (_, shard) => partition(minute, shard));
    return Promise.all(
      shards.map(async (pk) => {
        const from = last.get(pk);
        // `~` sorts behind every digit, and behind all that begins like it.
        const between = [from === undefined ? "0" : `${from}~`, `${padded(until)}~`] as const;
        const rows = await this.#items.query({ pk, between, limit: PAGE, isConsistent: true });
        return rows.map(({ at, log, sequence, account, message }) => ({
          at,
          request: { log, sequence, account, message },
        }));
      }),
    );
  }

  async takeOff({ request, at }: ScheduledSend): Promise<void> {
    const { pk, sk } = keyOf(request, at);
    await this.#items.remove(pk, sk);
  }

  async handedOverUntil(): Promise<number | undefined> {
    return (await this.#items.get(PROGRESS.pk, PROGRESS.sk))?.minute;
  }

  async handedOver(minute: number): Promise<void> {
    const terms = { names: { "#minute": "minute" }, values: { ":minute": minute } };
    await this.#items.putIf("attribute_not_exists(pk) OR #minute < :minute", { ...PROGRESS, minute }, terms);
  }
}

/** What goes to one customer lies in one partition, in the order in which it is to go out. */
function keyOf({ log, sequence, message }: SendRequest, at: number): { pk: string; sk: string } {
  return {
    pk: partition(Math.floor(at / MINUTE_MS), shardOf(log)),
    sk: `${padded(at)}#${padded(sequence)}#${message}`,
  };
}

function partition(minute: number, shard: number): string {
  return `SCHEDULED#${minute}#${shard}`;
}
