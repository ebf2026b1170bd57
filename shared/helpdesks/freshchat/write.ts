/** Writing in a conversation that is there. */
import type { Saying } from "../../domain/telling.ts";
import type { NotTold, Place, TellOutcome } from "../helpdesk.ts";
import { conversationPath } from "./addresses.ts";
import { outcomeIn, request } from "./api.ts";
import { messagesFrom, timeOf } from "./listing.ts";
import { audienceOf, contentOf } from "./message.ts";
import { isSameSaying, partsOf } from "./parts.ts";
import { Made, type Message } from "./payload.ts";
import { lastMessage, messageOf, remember, SAID } from "./said.ts";
import type { Secrets, Settings } from "./settings.ts";
import { openIfResolved } from "./status.ts";
import { userOf } from "./user.ts";

type Here = Place<Settings, Secrets>;

/** The clocks of whoever told the time of a message, and of Freshchat. */
const CLOCKS_MS = 3_000;

/**
 * The customer's words as theirs, everything else as a note of the agent's: a public message of theirs would come back as a
 * reply.
 */
export async function write(saying: Saying, conversation: string, place: Here): Promise<TellOutcome> {
  const isCustomer = saying.from === "customer";
  if (place.isRepeated) {
    const known = isCustomer ? messageOf(place.ticket.kept[SAID], saying.id) : undefined;
    if (known !== undefined) return told(known);
    const earlier = await findSaid(saying, conversation, place);
    if ("kind" in earlier) return earlier;
    if (earlier.message) return isCustomer ? noted(saying, earlier.message.id, place) : told(earlier.message.id);
  }
  const actor = isCustomer ? await customerOf(place) : { isOk: true as const, id: place.desk.settings.agentId };
  if (!actor.isOk) return actor.outcome;
  const made = await partsOf(saying, place);
  if (!made.isOk) return made.outcome;
  const asked = await request(place, {
    method: "POST",
    path: `${conversationPath(conversation)}/messages`,
    json: {
      message_parts: made.parts,
      message_type: isCustomer ? "normal" : "private",
      actor_type: isCustomer ? "user" : "agent",
      actor_id: actor.id,
    },
  });
  if (!asked.isOk) return outcomeIn(asked);
  const id = Made.safeParse(asked.json).data?.id ?? "";
  if (!isCustomer) return told(id);
  const outcome = await noted(saying, id, place);
  await openIfResolved(conversation, place);
  return outcome;
}

/** The message that an earlier try of this very saying may have become. */
export async function findSaid(
  saying: Saying,
  conversation: string,
  place: Here,
): Promise<{ message?: Message } | NotTold> {
  const from = Math.max(saying.at - CLOCKS_MS, 1);
  const list = await messagesFrom(conversation, from, place);
  if (!list.isOk) return outcomeIn(list);
  const last = lastMessage(place.ticket.kept[SAID]);
  const isCustomer = saying.from === "customer";
  const known = isCustomer ? list.messages.findIndex(({ id }) => id === last) : -1;
  const candidates = list.messages.slice(known + 1).filter((one) => timeOf(one) >= from);
  const message = candidates.find((one) => isBySameSide(one, saying, place) && isSameSaying(saying, contentOf(one)));
  return message ? { message } : {};
}

/** Told, and kept as the customer's last. @param message empty where Freshchat did not tell its id */
async function noted({ id }: Saying, message: string, place: Here): Promise<TellOutcome> {
  await place.keep({ kept: { [SAID]: remember(place.ticket.kept[SAID], id, message) } });
  return told(message);
}

function told(message: string): TellOutcome {
  return { kind: "told", ids: message === "" ? [] : [message] };
}

/** Kept since the conversation was opened. */
async function customerOf(place: Here): ReturnType<typeof userOf> {
  const { user } = place.ticket.kept;
  if (user) return { isOk: true, id: user };
  const found = await userOf(place.conversation.customer, place);
  if (found.isOk) await place.keep({ kept: { user: found.id } });
  return found;
}

function isBySameSide(message: Message, { from }: Saying, { desk }: Here): boolean {
  if (from === "customer") return message.actor_type === "user";
  const { actor_type: type, actor_id: id } = message;
  return (
    type === "agent" &&
    audienceOf(message, desk.settings) !== "customer" &&
    (id == null || id === desk.settings.agentId)
  );
}
