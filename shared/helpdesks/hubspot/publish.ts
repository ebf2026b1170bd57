/**
 * A message of the custom channel, which HubSpot puts into the thread of our id: the customer's as incoming, what the
 * business said elsewhere as outgoing. Nothing of it is sent anywhere. The id of the saying makes it one message, however
 * often it is posted.
 */
import type { Saying } from "../../domain/telling.ts";
import type { Asked } from "../ask.ts";
import { forAccount } from "../by-account.ts";
import type { Place as AnyPlace, TellOutcome } from "../helpdesk.ts";
import { askHubspot, channelMessagesPath, type Reach, threadPath } from "./api.ts";
import { isOwn } from "./comment.ts";
import { upload } from "./files.ts";
import { Published, Thread } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";
import { newestIn } from "./threads.ts";
import { wordsOf } from "./words.ts";

type Place = AnyPlace<Settings, Secrets>;

export async function publish(saying: Saying, place: Place): Promise<TellOutcome> {
  const { conversation, ticket } = place;
  const account = forAccount(place.desk.settings.channelAccounts, conversation.account);
  if (account === undefined)
    return { kind: "unavailable", detail: `channelAccounts names none for the account ${conversation.account}` };
  const uploaded = await upload(saying.files, place);
  if (uploaded.kind !== "uploaded") return uploaded;
  const thread = integrationThreadOf(place);
  const { files, missing } = uploaded;
  const body = bodyOf(saying, { account, thread, files, missing });
  const asked = await post(body, saying, place);
  if (!asked.isOk && asked.status === 409) return alreadySaid(String(body.text), ticket.id, place);
  // The channel or its account is not there: that is for whoever set the desk up, and the message keeps.
  if (!asked.isOk) return asked.status === 404 ? { kind: "unavailable", detail: "HTTP 404" } : asked.outcome;
  const made = Published.safeParse(asked.json);
  if (!made.success) return { kind: "uncertain", detail: "the answer names no message and thread" };
  const { id, conversationsThreadId } = made.data;
  if (conversationsThreadId !== ticket.id) await place.keep({ id: conversationsThreadId, kept: { thread } });
  else if (saying.from === "customer") await reopen(conversationsThreadId, place);
  return { kind: "told", ids: [id] };
}

/** Who they are known as in HubSpot: by their number it finds or makes the contact. */
async function post(body: Record<string, unknown>, saying: Saying, place: Place): Promise<Asked> {
  const { customer, account } = place.conversation;
  const business = { deliveryIdentifier: { type: "CHANNEL_SPECIFIC_OPAQUE_ID", value: account } };
  const say = (deliveryIdentifier: { type: string; value: string }) => {
    const person = { ...(customer.name !== undefined && { name: customer.name }), deliveryIdentifier };
    const isIncoming = saying.from === "customer";
    const us = isIncoming || saying.author === undefined ? business : { ...business, name: saying.author };
    const ends = isIncoming ? { senders: [person], recipients: [us] } : { senders: [us], recipients: [person] };
    const url = channelMessagesPath(place.desk.settings);
    return askHubspot(place, { method: "POST", url, json: { ...body, ...ends } });
  };
  const byId = { type: "CHANNEL_SPECIFIC_OPAQUE_ID", value: customer.id };
  if (customer.phone === undefined || place.ticket.kept.knownBy === "id") return say(byId);
  const asked = await say({ type: "HS_PHONE_NUMBER", value: customer.phone });
  if (asked.isOk || asked.status !== 400 || !isAboutNumber(asked.json)) return asked;
  await place.keep({ kept: { knownBy: "id" } });
  return say(byId);
}

/** HubSpot is strict about numbers: one that a channel goes by may be none to it. */
function isAboutNumber(refusal: unknown): boolean {
  return /deliveryIdentifier|phone/i.test(JSON.stringify(refusal) ?? "");
}

function bodyOf(
  saying: Saying,
  {
    account,
    thread,
    files,
    missing,
  }: {
    account: string;
    thread: string;
    files: readonly { id: string; contentType: string }[];
    missing: readonly string[];
  },
): Record<string, unknown> {
  const { location } = saying;
  return {
    channelAccountId: account,
    messageDirection: saying.from === "customer" ? "INCOMING" : "OUTGOING",
    integrationThreadId: thread,
    integrationIdempotencyId: saying.id,
    text: wordsOf(saying, { missing, place: saying.text === "" }),
    timestamp: new Date(saying.at).toISOString(),
    attachments: [
      ...files.map(({ id, contentType }) => ({ type: "FILE", fileId: id, fileUsageType: usageOf(contentType) })),
      ...(location ? [{ type: "LOCATION", ...location }] : []),
      ...missing.map(() => ({ type: "UNSUPPORTED_CONTENT" })),
    ],
    ...(saying.replyTo !== undefined && { inReplyToId: saying.replyTo }),
  };
}

function usageOf(contentType: string): string {
  if (contentType.startsWith("image/")) return "IMAGE";
  return contentType.startsWith("audio/") ? "AUDIO" : "OTHER";
}

/** A thread that follows another has an id of its own, the same each time that it is asked for. */
function integrationThreadOf({ conversation, ticket, follows }: Place): string {
  if (ticket.id !== undefined) return ticket.kept.thread ?? conversation.id;
  return follows?.id === undefined ? conversation.id : `${conversation.id}.${follows.id}`;
}

/** A thread that was closed opens by itself, as far as is known; where it has not, it is done here, as well as it goes. */
async function reopen(thread: string, reach: Reach): Promise<void> {
  const asked = await askHubspot(reach, { method: "GET", url: threadPath(thread) });
  const { data } = Thread.safeParse(asked.isOk ? asked.json : undefined);
  if (data?.status === "CLOSED")
    await askHubspot(reach, { method: "PATCH", url: threadPath(thread), json: { status: "OPEN" } });
}

/** What HubSpot says of a message that it has is not known: here it is taken for a conflict, and the message looked for. */
async function alreadySaid(text: string, thread: string | undefined, place: Place): Promise<TellOutcome> {
  if (thread === undefined) return { kind: "told", ids: [] };
  const listed = await newestIn(thread, place.now, place);
  if (listed.kind === "gone") return { kind: "closed", detail: listed.detail };
  if (listed.kind !== "listed") return listed;
  const found = listed.messages.find(
    (one) => one.type === "MESSAGE" && isOwn(one, place.desk.settings) && one.text?.trim() === text.trim(),
  );
  return { kind: "told", ids: found ? [found.id] : [] };
}
