/** Messages, whichever way they went, and what was said about them later: edits, deletions, reactions. */

import type { Parsed, ParsedHappening, ParsedMessage } from "../channels/connector.ts";
import type { Author } from "../domain/event.ts";
import { decodeCorrelation } from "../domain/ids.ts";
import { isRecord, keptRaw } from "../domain/raw-element.ts";
import { addressed, type Customer, groupOf, nameOf, type People, personOf } from "./addresses.ts";
import { contentOf } from "./content.ts";
import { notice, timed } from "./notice.ts";
import { Message } from "./payload.ts";

/** What the change around an element says. */
export interface Around {
  account: string | undefined;
  /** What tells one error from another, whose elements say so little. */
  envelope: Record<string, unknown>;
  people: People;
  /** The business's own number, digits only. */
  business?: string | undefined;
  /** Where the business wrote it, when not through us. */
  origin: string;
}

/** What a customer wrote. */
export function ofMessage(raw: unknown, around: Around): Parsed {
  const message = Message.safeParse(raw).data;
  if (message?.type === "system") return ofSystem(message, raw, around);
  if (!message?.id) return notice(around.account, "unreadable_message", raw);
  const { from, from_user_id: userId, from_parent_user_id: parentId, group_id: group } = message;
  const ids = [userId, parentId, from];
  const person = personOf(ids, around.people);
  const customer = group
    ? groupOf(group)
    : addressed([userId, parentId, person?.user_id, person?.parent_user_id, from, person?.wa_id]);
  if (!customer) return notice(around.account, "unreadable_message", raw);
  // In a group the address is the group's: the participant is known by name, or by id alone.
  const name = nameOf(person);
  const participant = group && ids.find((id) => id !== undefined);
  const called = name ?? participant;
  return told(message, raw, {
    account: around.account,
    customer: { ...customer, ...(name && !group && { name }) },
    author: { type: "contact", ...(called && { name: called }), ...(participant && { participant }) },
    isOurs: false,
  });
}

/**
 * What the business wrote elsewhere: in its phone app, or by another app, whose echo (of `standby`) has the send inside.
 * Sends of ours are not echoed here unless they say so.
 */
export function ofEcho(raw: unknown, around: Around): Parsed {
  const inner = isRecord(raw) && isRecord(raw.message) ? raw.message : undefined;
  const whole = inner ? { ...inner, ...(raw as object) } : raw;
  const echo = Message.safeParse(whole).data;
  if (!echo?.id) return notice(around.account, "unreadable_echo", raw);
  const { to, to_user_id: userId, to_parent_user_id: parentId, recipient } = echo;
  const group = echo.group_id ?? (echo.recipient_type === "group" ? to : undefined);
  const person = personOf([userId, parentId, to], around.people);
  const customer = group
    ? groupOf(group)
    : addressed([userId, recipient, parentId, person?.user_id, to && plain(to), person?.wa_id]);
  if (!customer) return notice(around.account, "unreadable_echo", raw);
  const { account, origin } = around;
  const correlation = echo.biz_opaque_callback_data;
  if (correlation !== undefined && decodeCorrelation(correlation)) {
    const happening: ParsedHappening = { type: "message.sent", receipt: { providerMessageId: echo.id } };
    return { account, subject: `${echo.id}#sent`, ...timed(echo.timestamp), ...customer, correlation, happening };
  }
  const name = nameOf(person);
  return told(echo, raw, {
    account,
    customer: { ...customer, ...(name && !group && { name }) },
    author: { type: "agent", origin },
    isOurs: true,
  });
}

/** A message from before the number was connected. What became of it then is of no interest. */
export function ofPast(raw: unknown, thread: string | undefined, around: Around): Parsed | undefined {
  const past = pastIn(raw, thread, around);
  return past && told(past.message, raw, past);
}

/** The file of a message from before, told apart from it: it takes the place of the placeholder that the message was. */
export function ofPastFile(raw: unknown, around: Around): Parsed | undefined {
  const past = pastIn(raw, undefined, around);
  if (!past) return undefined;
  const { message, account, customer, author } = past;
  const { id: of } = message;
  const happening: ParsedHappening = { type: "message.edited", of, content: contentOf(message, raw), author };
  return { account, subject: `${of}#file`, ...timed(message.timestamp), ...customer, happening };
}

/** @param thread the customer's number, where messages stand below it */
function pastIn(raw: unknown, thread: string | undefined, { account, origin, business }: Around) {
  const message = Message.safeParse(raw).data;
  const { id, from, to } = message ?? {};
  const isOurs = thread === undefined ? to !== undefined || from === business : from !== thread;
  const customer = addressed([thread ?? (isOurs ? to : from)]);
  if (!message || id === undefined || !customer) return undefined;
  const author: Author = isOurs ? { type: "agent", origin } : { type: "contact" };
  return { message: { ...message, id }, account, customer, author, isOurs };
}

interface Telling {
  account: string | undefined;
  customer: Customer & { name?: string };
  author: Author;
  /** Written by the business. */
  isOurs: boolean;
}

function told(message: Message, raw: unknown, { account, customer, author, isOurs }: Telling): Parsed {
  const way = isOurs ? "sent" : "received";
  const happening = laterWord(message, author) ?? {
    type: `message.${way}` as const,
    message: written(message, raw, author),
  };
  const what = happening.type.slice("message.".length);
  return { account, subject: `${message.id}#${what}`, ...timed(message.timestamp), ...customer, happening };
}

/** Word of an earlier message; undefined for a message of its own, and where it does not say of which. */
function laterWord({ type, reaction, edit, revoke }: Message, author: Author): ParsedHappening | undefined {
  if (type === "reaction" && reaction?.message_id) {
    // Taken back: the emoji is empty, or not there.
    return {
      type: "message.reacted",
      of: reaction.message_id,
      ...(reaction.emoji && { emoji: reaction.emoji }),
      author,
    };
  }
  if (type === "edit" && edit?.original_message_id) {
    const said = Message.safeParse(edit.message).data;
    if (!said) return undefined;
    return {
      type: "message.edited",
      of: edit.original_message_id,
      content: contentOf(said, edit.message),
      author,
    };
  }
  if (type === "revoke" && revoke?.original_message_id)
    return { type: "message.deleted", of: revoke.original_message_id, author };
  return undefined;
}

function written(message: Message, raw: unknown, author: Author): ParsedMessage {
  const { id = "", context } = message;
  const answered = context?.id ?? context?.message_id;
  const referral = referralOf(message);
  return {
    providerMessageId: id,
    author,
    content: contentOf(message, raw),
    ...(answered && { replyTo: { providerMessageId: answered } }),
    ...(referral && { referral }),
    ...((context?.forwarded === true || context?.frequently_forwarded === true) && { forwarded: true }),
  };
}

/** Where the customer came from: an ad, or the product that is asked about. */
function referralOf({ referral, context }: Message): Record<string, unknown> | undefined {
  const product = keptRaw(context?.referred_product);
  const kept = keptRaw(referral);
  if (!isRecord(kept) && !isRecord(product)) return undefined;
  return { ...(isRecord(kept) && kept), ...(isRecord(product) && { referred_product: product }) };
}

/**
 * The customer has another number, another user id, or another device. Nobody wrote anything: the new addresses become
 * aliases of the conversation, and its window stays as it is.
 */
function ofSystem(message: Message, raw: unknown, { account, people }: Around): Parsed {
  const { id, from, from_user_id: userId, from_parent_user_id: parentId, group_id: group, system = {} } = message;
  const { type, body = "" } = system;
  const former = [system.previous_user_id, system.previous_parent_user_id, userId, parentId, from];
  const now = [system.user_id, system.parent_user_id, system.wa_id];
  const isNamed = former.some((one) => one !== undefined);
  // Older webhooks say it in words alone.
  const [, before, after] = (!isNamed && / from ([\w.]+) to ([\w.]+)$/.exec(body)) || [];
  const customer = group ? groupOf(group) : addressed([...former, before, ...now, after]);
  if (!id || !customer) return notice(account, "unreadable_message", raw);
  const name = nameOf(personOf([...former, ...now], people));
  return {
    account,
    subject: `${id}#updated`,
    ...timed(message.timestamp),
    ...customer,
    ...(name && !group && { name }),
    happening: { type: "contact.updated", change: type?.slice(0, 60) || "unknown", text: body, raw: keptRaw(raw) },
  };
}

/** Sends name numbers as people dial them; webhooks have digits alone. */
function plain(number: string): string {
  return /^\+[\d ().-]+$/.test(number) ? number.replace(/\D/g, "") : number;
}
