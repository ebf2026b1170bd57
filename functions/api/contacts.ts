/** A contact: how it is shown, and what a change of it is in its log. */
import { type ApiContact, NoQuery } from "../../shared/domain/api-shapes.ts";
import { type ContactAttribute, firstPlace } from "../../shared/domain/contact.ts";
import { iso } from "../../shared/domain/envelope.ts";
import type { Contact } from "../../shared/ports.ts";
import type { Wanted } from "./asked.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

/** With what is known of everybody whom it has absorbed. */
export async function showContact({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  return json(200, shownContact(await locateContact(name, ports)));
}

export function isContactId(text: string): boolean {
  return /^con_[A-Za-z0-9_-]{22}$/.test(text);
}

/** @throws PublicError `not_found` */
export async function locateContact(id: string, { table }: Pick<Ports, "table">): Promise<Contact> {
  const known = isContactId(id) ? await table.contact(id) : undefined;
  if (!known) throw new PublicError("not_found", "There is no contact with this id.");
  return known;
}

/** One that is part of another is changed where it has gone. @throws PublicError `contact_merged` */
export function refuseMerged({ mergedInto }: Contact, field?: string): void {
  if (mergedInto === undefined) return;
  const detail = `This contact is part of another one, ${mergedInto}: name that one.`;
  throw new PublicError("contact_merged", detail, field === undefined ? {} : { field });
}

export function shownContact(contact: Contact): ApiContact {
  const { id, name, mergedInto, absorbed, conversations, consents } = contact;
  const attributes = attributesOf(contact);
  return {
    id,
    ...(name !== undefined && { name }),
    ...(mergedInto !== undefined && { mergedInto }),
    ...(absorbed && { absorbed }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    conversations: conversations.map(({ conversation, ...place }) => ({ id: conversation, ...place })),
    ...(consents && { consents: consents.map((consent) => ({ ...consent, at: iso(consent.at) })) }),
  };
}

/** Those that are there. */
export function attributesOf({ attributes = {} }: Pick<Contact, "attributes">): Record<string, ContactAttribute> {
  const there = Object.entries(attributes).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  return Object.fromEntries(there);
}

/**
 * What is to stand in the contact's own log.
 * @throws PublicError `not_found` for a contact whom nobody has spoken to
 */
export function ofContact(contact: Contact, { type, data }: Pick<Wanted, "type" | "data">): Wanted {
  const place = firstPlace(contact);
  if (!place) throw new PublicError("not_found", "There is no contact with this id.");
  const { account, channel } = place;
  return { log: contact.id, type, account, channel, data };
}
