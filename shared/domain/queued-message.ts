/** A message of ours on its way into the mailbox: the same item, whoever wrote it and wherever. */

import type * as z from "zod";
import type { Channel, eventData, Message } from "./event.ts";
import type { MailboxItem } from "./mailbox.ts";
import { type Plan, partsToKeep } from "./plan.ts";

type Queued = z.infer<(typeof eventData)["message.queued"]>;

/** Where it is said, and to whom. */
interface Place {
  conversation: string;
  account: string;
  channel: Channel;
  address: string;
  contact: string;
}

/**
 * @param planned what would go out now; undefined where nobody can tell any more. What it forbids is queued all the
 *   same, without parts: whoever sends it asks again, and fails it with the reason
 * @param receivedAt ms since 1970
 */
export function queuedItem(
  message: Message,
  { conversation, account, channel, address, contact }: Place,
  {
    key,
    token,
    receivedAt,
    expiresAfterSeconds,
    planned,
    ...more
  }: {
    key: string;
    token: string;
    receivedAt: number;
    expiresAfterSeconds: number;
    planned: Plan | undefined;
  } & Pick<Queued, "fallback" | "unsendable">,
): MailboxItem {
  const data: Queued = {
    message,
    expiresAt: receivedAt + expiresAfterSeconds * 1000,
    ...(planned?.allowed && partsToKeep(planned, message.content)),
    ...(more.fallback && { fallback: more.fallback }),
    ...(more.unsendable && { unsendable: more.unsendable }),
  };
  return {
    log: conversation,
    key,
    token,
    type: "message.queued",
    account,
    channel,
    address,
    contact: { id: contact },
    at: { received: receivedAt },
    data,
  };
}
