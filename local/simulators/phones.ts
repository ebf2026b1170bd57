import type { IsCustomer } from "./simulator.ts";

/** What the customers' phones have got, in the order in which the vendor took it. */
export interface PhoneMessage {
  /** Counts up over all customers; the `after` of a reader. */
  number: number;
  id: string;
  customer: string;
  /** The business's id or number that it came from. */
  from: string;
  /** The text, where the message has one. */
  text?: string;
  /** The vendor's own form of what was sent. */
  message: unknown;
  status: string;
  /** When each status was reached, ISO 8601. */
  statuses: { status: string; at: string }[];
}

export interface Phones {
  get(message: Omit<PhoneMessage, "number" | "statuses">): PhoneMessage;
  reach(message: PhoneMessage, status: string): void;
  list(filter: { customer?: string; after: number }): PhoneMessage[];
}

export function createPhones(isCustomer: IsCustomer): Phones {
  const messages: PhoneMessage[] = [];
  const now = () => new Date().toISOString();
  return {
    get(message) {
      const got = { ...message, number: messages.length + 1, statuses: [{ status: message.status, at: now() }] };
      messages.push(got);
      return got;
    },
    reach(message, status) {
      message.status = status;
      message.statuses.push({ status, at: now() });
    },
    list: ({ customer, after }) =>
      messages.filter((one) => one.number > after && (customer === undefined || isCustomer(one.customer, customer))),
  };
}

/** A number however it is spelt. */
export const isSameNumber: IsCustomer = (one, other) => one.replace(/\D/g, "") === other.replace(/\D/g, "");
