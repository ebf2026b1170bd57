/** One message to many: what is kept of it, and what is told of it. Times are ms since 1970. */
import type { BatchRecipient, MessageToMany } from "./batch-shapes.ts";
import type { MailboxItem } from "./mailbox.ts";

/** A batch as a whole. No address and no name stands in it. */
export interface Batch {
  id: string;
  /** Id of the API key that it was made with. */
  key: string;
  total: number;
  createdAt: number;
  sendAt?: number;
  /** How many were worked through, from the first on: `accepted` and `refused` together. */
  position: number;
  accepted: number;
  refused: number;
  cancelledAt?: number;
  /** How many of a batch for later were worked through once more, to stop them. */
  stopped?: number;
}

/** All that it takes to work through a batch; kept until that is done. */
export interface BatchOrder {
  batch: Batch;
  /** The accounts that the API key is limited to. */
  accounts?: readonly string[];
  message: MessageToMany;
  recipients: readonly BatchRecipient[];
}

/** What became of one recipient: the message in the mailbox, or why there is none. */
export type BatchResult = ({ message: string } & MessagePlace) | { code: string; text: string };

/** Where a message was put into the mailbox. */
interface MessagePlace {
  conversation: string;
  account: string;
}

/** A step as it was decided. It is written down before anything of it is done, and done as it was written down. */
export interface BatchStep {
  /** Index of its first recipient. */
  from: number;
  results: BatchResult[];
  items: MailboxItem[];
}

/** Whether messages of a batch for later may wait for their time yet: they follow one another, one a second at least. */
export function mayWait({ sendAt, total }: Batch, now: number): boolean {
  return sendAt !== undefined && now < sendAt + total * 1000;
}

/** Whether messages of it waited for their time when it was cancelled, and have not been looked at since. */
export function isToStop(batch: Batch): boolean {
  const { cancelledAt, position, stopped = 0 } = batch;
  return cancelledAt !== undefined && mayWait(batch, cancelledAt) && stopped < position;
}

/** Where in the bucket that lies; the order and the step that is under way, and nothing else of a batch. */
export function batchFile(id: string, what: "order" | "step"): string {
  return `batches/${id}/${what}`;
}

export function batchStatus({ cancelledAt, position, total }: Batch): "running" | "done" | "cancelled" {
  if (cancelledAt !== undefined) return "cancelled";
  return position < total ? "running" : "done";
}
