/** A conversation of Chatwoot's, opened for one of ours: first its contact, then itself. */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";
import type { DeskCustomer, Saying } from "../../domain/telling.ts";
import type { Asked } from "../ask.ts";
import type { NotTold, Place } from "../helpdesk.ts";
import { askAccount, askInbox, unlessMissing } from "./api.ts";
import type { Inbox } from "./inbox.ts";
import { Conversation } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const Contact = z.object({ id: z.number(), name: lenient(z.string()) });
type Contact = z.output<typeof Contact>;
const Conversations = z.object({ payload: z.array(z.unknown()) });

/** In the conversation's `additional_attributes`, which no screen shows: the saying that it was opened with. */
const OPENED_WITH = "recado_opened_with";
/** What Chatwoot takes for a number: E.164. Anything else is refused, and the contact with it. */
const NUMBER = /^\+[1-9]\d{1,14}$/;
const LONGEST_NAME = 255;

/**
 * An earlier try may have opened it without our hearing so: its mark finds it again.
 * @returns the id that people see; it is kept
 */
export async function openTicket(
  saying: Saying,
  place: Here,
  inbox: Inbox,
): Promise<{ kind: "opened"; id: string } | NotTold> {
  const { conversation, isRepeated, follows } = place;
  const found = await contactOf(place, inbox);
  if (found.kind !== "contact") return found;
  const { contact } = found;
  // In the conversation before, an agent may still try a failed reply again.
  const { failed } = follows?.kept ?? {};
  const kept = { name: nameOf(conversation.customer), ...(failed !== undefined && { failed }) };

  const earlier = isRepeated ? await openedWith(saying.id, contact, place) : undefined;
  if (earlier && earlier.kind !== "opened") return earlier;
  if (earlier?.id !== undefined) {
    await place.keep({ id: earlier.id, kept });
    return { kind: "opened", id: earlier.id };
  }

  const asked = await askAccount(place, {
    method: "POST",
    path: "/conversations",
    json: {
      source_id: conversation.customer.id,
      inbox_id: inbox.id,
      contact_id: contact.id,
      custom_attributes: conversation.fields,
      additional_attributes: { [OPENED_WITH]: saying.id },
    },
  });
  if (!asked.isOk) return unlessMissing(asked, "there is no such inbox or contact in the account");
  const opened = Conversation.safeParse(asked.json);
  if (!opened.success) return { kind: "uncertain", detail: "a conversation without an id" };
  const { id } = opened.data;
  await place.keep({ id, kept });
  return { kind: "opened", id };
}

/**
 * The contact whom the inbox knows by our id, and who is made if there is none: the same however often it is asked. A
 * contact with this number whom the account has already is taken for it. Never with an e-mail address: Chatwoot may
 * mail the replies, too.
 */
export async function contactOf(
  place: Pick<Here, "desk" | "http" | "conversation">,
  { identifier }: Inbox,
): Promise<{ kind: "contact"; contact: Contact } | NotTold> {
  const { customer } = place.conversation;
  const { id, phone } = customer;
  const plain = { source_id: id, identifier: id, name: nameOf(customer) };
  const make = (json: object) => askInbox(place, identifier, { method: "POST", path: "/contacts", json });
  let asked: Asked =
    phone !== undefined && NUMBER.test(phone) ? await make({ ...plain, phone_number: phone }) : await make(plain);
  // Its own idea of a number may change; a customer without one is better than none.
  if (!asked.isOk && asked.status === 422 && phone !== undefined) asked = await make(plain);
  if (!asked.isOk) return unlessMissing(asked, "there is no inbox with this identifier");
  const contact = Contact.safeParse(asked.json);
  return contact.success
    ? { kind: "contact", contact: contact.data }
    : { kind: "unavailable", detail: "a contact without an id" };
}

/** Never empty: Chatwoot would make up a name. */
export function nameOf({ name, phone, address }: DeskCustomer): string {
  return (name?.trim() || phone || address).slice(0, LONGEST_NAME);
}

/** Of the contact's newest twenty, which is what is to be had. */
async function openedWith(
  saying: string,
  { id: contact }: Contact,
  place: Here,
): Promise<{ kind: "opened"; id: string | undefined } | NotTold> {
  const asked = await askAccount(place, { method: "GET", path: `/contacts/${contact}/conversations` });
  if (!asked.isOk) return unlessMissing(asked, "there is no such contact in the account");
  const all = Conversations.safeParse(asked.json).data?.payload ?? [];
  const conversations = all.flatMap((one) => Conversation.safeParse(one).data ?? []);
  const found = conversations.find(({ additional_attributes: marks }) => marks?.[OPENED_WITH] === saying);
  return { kind: "opened", id: found?.id };
}
