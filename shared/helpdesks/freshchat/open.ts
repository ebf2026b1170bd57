/** Opening a conversation with a customer's first words. */
import type { Saying } from "../../domain/telling.ts";
import { type Failed, notNow } from "../ask.ts";
import { forAccount } from "../by-account.ts";
import type { NotTold, Place, TellOutcome } from "../helpdesk.ts";
import { complaintIn, request } from "./api.ts";
import { partsOf } from "./parts.ts";
import { Conversation, Conversations, ListedConversation, Message } from "./payload.ts";
import { remember, SAID } from "./said.ts";
import type { Secrets, Settings } from "./settings.ts";
import { openIfResolved } from "./status.ts";
import { userOf } from "./user.ts";
import { findSaid } from "./write.ts";

type Here = Place<Settings, Secrets>;

/** So many of a customer's conversations are looked into for one that an earlier try may have opened. */
const MOST_LOOKED_INTO = 10;

/** An account may keep one conversation for a user in a topic: then the "new" one is the old one, and stays its ticket. */
export async function open(saying: Saying, place: Here): Promise<TellOutcome> {
  const { account, customer } = place.conversation;
  const channel = forAccount(place.desk.settings.channelIds, account);
  if (channel === undefined) return { kind: "unavailable", detail: `no topic is set for the account ${account}` };
  // Looked for anew each time: whoever is kept may be gone with the conversation before.
  const user = await userOf(customer, place);
  if (!user.isOk) return user.outcome;
  const keep = async (id: string, message = ""): Promise<TellOutcome> => {
    const said = remember(place.ticket.kept[SAID], saying.id, message);
    await place.keep({ id, kept: { user: user.id, [SAID]: said } });
    return { kind: "told", ids: message === "" ? [] : [message] };
  };
  if (place.isRepeated) {
    const earlier = await openedBefore(saying, { user: user.id, channel }, place);
    if ("kind" in earlier) return earlier;
    if (earlier.id !== undefined) return keep(earlier.id, earlier.message);
  }
  const made = await partsOf(saying, place);
  if (!made.isOk) return made.outcome;
  const asked = await request(place, {
    method: "POST",
    path: "/conversations",
    json: {
      channel_id: channel,
      users: [{ id: user.id }],
      messages: [{ message_parts: made.parts, message_type: "normal", actor_type: "user", actor_id: user.id }],
    },
  });
  if (!asked.isOk) return unopened(asked);
  const { success, data } = Conversation.safeParse(asked.json);
  if (!success) return { kind: "uncertain", detail: "a conversation was opened without an id" };
  const first = (data.messages ?? []).flatMap((one) => Message.safeParse(one).data ?? []).at(-1);
  const outcome = await keep(data.conversation_id, first?.id);
  if (data.status === "resolved") await openIfResolved(data.conversation_id, place);
  return outcome;
}

/** A topic that is wrong, or a user who went away meanwhile, is no fault of the words: they keep. */
function unopened({ status, json, outcome }: Failed): TellOutcome {
  const isElsewhere = status === 404 || /\b(channel|topic)|user[ _]not[ _]found/i.test(complaintIn(json));
  return outcome.kind === "refused" && isElsewhere ? notNow(outcome) : outcome;
}

/** Freshchat tells a user's conversations by their ids alone. */
async function openedBefore(
  saying: Saying,
  { user, channel }: { user: string; channel: string },
  place: Here,
): Promise<{ id?: string; message?: string } | NotTold> {
  const asked = await request(place, { method: "GET", path: `/users/${encodeURIComponent(user)}/conversations` });
  if (!asked.isOk) return asked.status === 404 ? {} : notNow(asked.outcome);
  const { success, data } = Conversations.safeParse(asked.json);
  if (!success) return { kind: "unavailable", detail: "an answer that is no list of conversations" };
  const ids = (data.conversations ?? []).flatMap((one) => {
    const row = ListedConversation.safeParse(one).data;
    return row?.conversation_id ?? row?.id ?? [];
  });
  // In which order they come is not said: the newest are at one of the two ends.
  const some =
    ids.length > MOST_LOOKED_INTO ? [...ids.slice(0, MOST_LOOKED_INTO / 2), ...ids.slice(-MOST_LOOKED_INTO / 2)] : ids;
  for (const id of some) {
    const found = await findSaid(saying, id, place);
    if ("kind" in found) {
      // Deleted meanwhile.
      if (found.kind === "closed") continue;
      return notNow(found);
    }
    const { message } = found;
    if (message && (message.channel_id ?? channel) === channel) return { id, message: message.id };
  }
  return {};
}
