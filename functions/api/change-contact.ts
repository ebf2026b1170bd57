/** What the business notes of a contact: what it calls them, and attributes of its own. */
import { NoQuery } from "../../shared/domain/api-shapes.ts";
import { ContactChange, MOST_ATTRIBUTES } from "../../shared/domain/contact-shapes.ts";
import type { Contact } from "../../shared/ports.ts";
import { askOfContact, isChanging } from "./asked.ts";
import { attributesOf, locateContact, ofContact, refuseMerged, shownContact } from "./contacts.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json } from "./route.ts";

/**
 * 202 with the contact as it is once the event is recorded; 200, and no event, when it is so already. What is known of
 * it says that only while nothing else is on its way.
 */
export async function changeContact({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const wanted = readBody(request, ContactChange);
  const isMoving = await isChanging(name, ports);
  const contact = await locateContact(name, ports);
  refuseMerged(contact);
  const change = isMoving ? wanted : newsIn(wanted, contact);
  if (change.name === undefined && !change.attributes) return json(200, shownContact(contact));
  const after = withChange(contact, change);
  if (countOf(after) > MOST_ATTRIBUTES && countOf(after) > countOf(contact)) throw tooMany();
  const data = { change: "profile", by: "agent", ...change };
  await askOfContact(ofContact(contact, { type: "contact.updated", data }), ports);
  return json(202, shownContact(after));
}

/** What of the patch changes anything. */
function newsIn({ name, attributes = {} }: ContactChange, contact: Contact): ContactChange {
  const isRenamed = name === null ? contact.isNamed : name !== undefined && !(contact.isNamed && contact.name === name);
  const known = new Map(Object.entries(attributesOf(contact)));
  const news = Object.entries(attributes).filter(([key, value]) => (known.get(key) ?? null) !== value);
  return { ...(isRenamed && { name }), ...(news.length > 0 && { attributes: Object.fromEntries(news) }) };
}

function withChange(contact: Contact, { name, attributes }: ContactChange): Contact {
  const { name: before, isNamed, toldName, ...rest } = contact;
  const told = isNamed ? toldName : before;
  const after = name === undefined ? before : (name ?? told);
  return {
    ...rest,
    ...(after !== undefined && { name: after }),
    attributes: { ...contact.attributes, ...attributes },
  };
}

function countOf(contact: Contact): number {
  return Object.keys(attributesOf(contact)).length;
}

function tooMany(): PublicError {
  const detail = `A contact has at most ${MOST_ATTRIBUTES} attributes. Take one away with null first, or with the same request.`;
  return new PublicError("too_many_attributes", detail, { field: "attributes" });
}
