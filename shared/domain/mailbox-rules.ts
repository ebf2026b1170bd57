/**
 * The rules of the mailbox that producers follow: whose queue group an item is in, and how its body is written. Apart
 * from the shapes in mailbox.ts (which hands these on), so that the receiver carries no schema library for them.
 */
import type { MailboxItem } from "./mailbox.ts";

/** Largest body that goes onto the queue itself, in bytes. SQS takes 256 KiB for a batch of up to ten. */
export const LARGEST_BODY = 200_000;

export function accountLog(account: string): string {
  return `account:${account}`;
}

/** The group for a receipt that names neither a message of ours nor an address: sixteen lanes per account. */
export function accountLane(account: string, hash: string): string {
  const lane = Buffer.from(hash, "base64url")[0] ?? 0;
  return `acct_${account}_${lane % 16}`;
}

/** The account whose lane this is, or undefined for the name of a log. */
export function laneAccount(log: string): string | undefined {
  return /^acct_(.+)_\d{1,2}$/.exec(log)?.[1];
}

/**
 * Queue group and deduplication id of an item. An item that was sent on carries the log in its deduplication id, since
 * the queue has seen its key already.
 */
export function address(item: MailboxItem): { group: string; deduplicationId: string } {
  return { group: item.log, deduplicationId: item.hops ? `${item.key}@${item.log}` : item.key };
}

/** JSON in ASCII alone: SQS refuses some of Unicode, and escapes survive every hop unchanged. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
