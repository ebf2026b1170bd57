/** Something that happened at a desk as it waits in the queue of take-reply; without zod, since it is made at the door. */
import { createHash } from "node:crypto";
import type { DeskHappening, DeskItem } from "./desk-happening.ts";
import { asciiJson } from "./mailbox-rules.ts";

/** One item for the FIFO queue, as it will be written. */
export interface QueuedDeskItem {
  group: string;
  deduplicationId: string;
  /** JSON in ASCII alone. */
  body: string;
}

/**
 * In order within a conversation, or within a ticket where the desk knows no more; the queue knows the same happening
 * again for five minutes, the log for ever.
 */
export function queuedDeskItem(happening: DeskHappening, desk: string, receivedAt: number): QueuedDeskItem {
  const { id, type, conversation, ticket } = happening;
  const item: DeskItem = { desk, happening, receivedAt };
  const group = conversation ?? `${desk}.${hash(["ticket", ticket])}`;
  return { group, deduplicationId: hash([desk, type, id]), body: asciiJson(item) };
}

function hash(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
