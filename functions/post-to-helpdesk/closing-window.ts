/** Whether an agent should hear now that the time for free replies is nearly over. */
import { CHANNEL_NAMES } from "../../shared/domain/content-words.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { DeskState } from "../../shared/domain/desk-state.ts";
import { replyUntil } from "../../shared/domain/plan.ts";
import type { Ports } from "./ports.ts";

const HOUR_MS = 3_600_000;

interface Closing {
  /** The newest one. */
  entry: Entry;
  /** When the customer last wrote, ms since 1970: it is said once for each such time. */
  inbound: number;
  text: string;
}

/** Undefined as long as there is time, when it is over, was told, or the customer has had an answer. */
export async function closingText(
  log: string,
  { id, closedAt, isAnswered, windowTold }: DeskState,
  { table, account, clock }: Pick<Ports, "table" | "account" | "clock">,
): Promise<Closing | undefined> {
  if (id === undefined || closedAt !== undefined || isAnswered) return undefined;
  const head = await table.newest(log);
  const { inbound } = head?.after ?? {};
  const channel = head && account(head.account);
  if (!head || head.after.moved !== undefined || !channel) return undefined;
  if (inbound === undefined || windowTold === inbound) return undefined;
  const until = replyUntil(channel.capabilities, inbound);
  const leftMs = until === undefined ? 0 : until - clock.now();
  if (until === undefined || leftMs <= 0 || leftMs > HOUR_MS) return undefined;
  const entry = await table.entry(log, head.sequence);
  if (!entry) return undefined;
  const minutes = Math.max(Math.round(leftMs / 60_000), 1);
  const where = CHANNEL_NAMES[head.channel];
  const text = `⏳ Free replies on ${where} end in ${minutes} minutes (${new Date(until).toISOString()}). After that only an approved template can go out.`;
  return { entry, inbound, text };
}
