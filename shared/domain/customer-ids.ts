/** What a customer's conversation and contact are called: the same, whoever names the customer first, and wherever. */
import type { Channel } from "./event.ts";
import { contactId, conversationId, type IdSecret, personId } from "./ids.ts";
import { matchable, spelledAlike } from "./phone-number.ts";

/** @param address one of the customer's, in any of its spellings */
export function conversationOf(
  account: string,
  address: string,
  { idSecret, channel }: { idSecret: IdSecret; channel: Channel },
): string {
  return conversationId(idSecret, account, spelledAlike(channel, address));
}

/** @param customer `number`: `+` and digits, where it is known to be the customer's */
export function contactOf(
  { account, address, number }: { account: string; address: string; number?: string | undefined },
  { idSecret, channel, joinByNumber }: { idSecret: IdSecret; channel: Channel; joinByNumber: boolean },
): { id: string; by?: "number" } {
  return joinByNumber && number !== undefined
    ? { id: personId(idSecret, matchable(number)), by: "number" }
    : { id: contactId(idSecret, account, spelledAlike(channel, address)) };
}
