/** Misbehaviour that was ordered: each order counts for a number of times and is then used up. */
import * as z from "zod";
import type { IsCustomer } from "./simulator.ts";

export const FaultOrder = z.strictObject({
  kind: z.enum([
    /** Webhooks: posted twice, late, behind the next one, never. */
    "duplicate",
    "delay",
    "reorder",
    "drop_webhook",
    /** Sends that are refused. */
    "429",
    "500",
    "expired_window",
    /** Sends that are taken, without an answer that says so. */
    "timeout_after_accepting",
    "reset_after_accepting",
    /** Receipts of one send: before its answer, each twice, from the last to the first, or a failure instead. */
    "receipts_first",
    "receipts_twice",
    "receipts_backwards",
    "failed",
    /**
     * The file that the customer sent: its link dead once, not there yet, one that leads inside a cloud, a page in its
     * place, other bytes than were announced, far too many (as they say, or without saying so), or late.
     */
    "dead_link",
    "file_not_ready",
    "link_inside",
    "page_for_file",
    "other_file",
    "file_announced_huge",
    "endless_file",
    "slow_file",
    /** What the customer is called cannot be told for now. */
    "profile_unavailable",
    /** A helpdesk: answers 503; answers late; refuses one event for good. */
    "down",
    "slow",
    "refused",
  ]),
  times: z.number().int().positive().default(1),
  /** So many occasions pass before the first. */
  skip: z.number().int().nonnegative().default(0),
  /** Only for this customer; otherwise for whoever comes next. */
  customer: z.string().optional(),
  /** Webhook faults: only webhooks that bring a message of the customer, or only receipts. */
  about: z.enum(["message", "receipt"]).optional(),
  /** `delay`, `slow_file`, `slow`: how late; `reorder`: how long to wait for another webhook at most. */
  delayMs: z.number().int().nonnegative().default(1000),
  /** `500`: the message is taken all the same. */
  accepted: z.boolean().default(false),
  /** `429`: HTTP status, since vendors are not of one mind. */
  status: z.number().int().optional(),
  /** `429` and `failed`: the vendor's error code. */
  code: z.number().int().optional(),
  retryAfterSeconds: z.number().int().positive().optional(),
});
export type FaultOrder = z.infer<typeof FaultOrder>;
export type FaultKind = FaultOrder["kind"];

/** Those of a helpdesk alone. */
export const DESK_FAULTS: ReadonlySet<FaultKind> = new Set(["down", "slow", "refused"]);

export interface Faults {
  order(fault: FaultOrder): void;
  pending(): FaultOrder[];
  clear(): void;
  /** Uses up one time of the first order that fits. */
  take(kind: FaultKind, happening: { customer: string; about?: "message" | "receipt" }): FaultOrder | undefined;
}

export function createFaults(isCustomer: IsCustomer): Faults {
  let orders: FaultOrder[] = [];
  return {
    order: (fault) => void orders.push({ ...fault }),
    pending: () => orders.map((fault) => ({ ...fault })),
    clear: () => {
      orders = [];
    },
    take(kind, { customer, about }) {
      const fits = (fault: FaultOrder) =>
        fault.kind === kind &&
        (fault.customer === undefined || isCustomer(customer, fault.customer)) &&
        (fault.about === undefined || fault.about === about);
      const found = orders.find(fits);
      if (!found) return undefined;
      if (found.skip > 0) {
        found.skip -= 1;
        return undefined;
      }
      found.times -= 1;
      orders = orders.filter(({ times }) => times > 0);
      return found;
    },
  };
}
