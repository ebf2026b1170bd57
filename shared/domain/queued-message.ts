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
  /** The contact is a person's, known by their number. */
  contactBy?: "number";
}

/**
 * @param planned what would go out now; undefined where nobody can tell any more. What it forbids is queued all the
 *   same, without parts: whoever sends it asks again, and fails it with the reason
 * @param receivedAt ms since 1970, like `sendAt`: when it is to go out, where that is not at once
 * @param once the hash under which the caller's answer is kept
 */
export function queuedItem(
  message: Message,
  { conversation, account, channel, address, contact, contactBy }: Place,
  {
    key,
    token,
    receivedAt,
    sendAt,
    expiresAfterSeconds,
    planned,
    once,
    ...more
  }: {
    key: string;
    token: string;
    receivedAt: number;
    sendAt?: number | undefined;
    expiresAfterSeconds: number;
    planned: Plan | undefined;
    once?: string | undefined;
  } & Pick<Queued, "fallback" | "unsendable" | "batch">,
): MailboxItem {
  const data: Queued = {
    message,
    expiresAt: (sendAt ?? receivedAt) + expiresAfterSeconds * 1000,
    ...(sendAt !== undefined && { sendAt }),
    ...(planned?.allowed && partsToKeep(planned, message.content)),
    ...(more.fallback && { fallback: more.fallback }),
    ...(more.unsendable && { unsendable: more.unsendable }),
    ...(more.batch && { batch: more.batch }),
  };
  return {
    log: conversation,
    key,
    token,
    type: "message.queued",
    account,
    channel,
    address,
    contact: { id: contact, ...(contactBy && { by: contactBy }) },
    at: { received: receivedAt },
    data,
    ...(once !== undefined && { once }),
  };
}
