/**
 * Calls: one stands in the conversation from when it began, since a customer's call opens the window as a message does;
 * how it ended takes the place of that.
 */

import type { Parsed } from "../channels/connector.ts";
import type { Content } from "../domain/content.ts";
import type { Author } from "../domain/event.ts";
import { isRecord, keptRaw } from "../domain/raw-element.ts";
import { addressed, nameOf, personOf } from "./addresses.ts";
import type { Around } from "./messages.ts";
import { notice, timed } from "./notice.ts";
import { Call } from "./payload.ts";

export function ofCall(raw: unknown, { account, people, origin }: Around): Parsed {
  const call = Call.safeParse(raw).data;
  const isOurs = call?.direction === "BUSINESS_INITIATED";
  const ids = isOurs ? [call.to_user_id, call.to] : [call?.from_user_id, call?.from];
  const person = personOf(ids, people);
  const customer = addressed([...ids, person?.user_id, person?.wa_id]);
  if (!call?.id || !customer || !isRecord(raw)) return notice(account, "unreadable_call", raw);
  const { id, event, timestamp } = call;
  // The session is for whoever picks up, at that moment alone, and full of network addresses.
  const { session: _, ...kept } = raw;
  const content: Content = { type: "unsupported", reason: "call", raw: keptRaw(kept) };
  const name = nameOf(person);
  const author: Author = isOurs ? { type: "agent", origin } : { type: "contact", ...(name && { name }) };
  const isBeginning = !event || event === "connect";
  const way = isOurs ? "sent" : "received";
  return {
    account,
    subject: `${id}#${isBeginning ? way : event.slice(0, 60)}`,
    ...timed(timestamp),
    ...customer,
    ...(name && { name }),
    happening: isBeginning
      ? { type: `message.${way}`, message: { providerMessageId: id, author, content } }
      : { type: "message.edited", of: id, content, author },
  };
}
