/** Two contacts who are one person: to say so, and to take it back. A merge is a link; nothing is moved or lost. */
import { NoQuery } from "../../shared/domain/api-shapes.ts";
import { joined } from "../../shared/domain/contact.ts";
import { ContactToMerge, ContactToSplit } from "../../shared/domain/contact-shapes.ts";
import type { Contact } from "../../shared/ports.ts";
import { askOfContact, isChanging } from "./asked.ts";
import { locateContact, ofContact, refuseMerged, shownContact } from "./contacts.ts";
import { notRecordedYet, PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

/** Each of them is read whenever one of them is. */
const MOST_CONTACTS = 50;

/** 202 with the person once the event is recorded; 200, and no event, when the two are one already. */
export async function mergeContacts({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { with: id } = readBody(request, ContactToMerge);
  const isMoving = await isChanging(name, ports);
  const contact = await locateContact(name, ports);
  if (id === contact.id)
    throw new PublicError("invalid_body", "The field must name another contact.", { field: "with" });
  const other = await namedContact(id, "with", ports);
  const merged = ofContact(contact, { type: "contact.merged", data: { into: contact.id, from: id } });
  if (contact.absorbed?.includes(id)) {
    // A split of the two may be on its way.
    if (isMoving) await askOfContact(merged, ports);
    return json(200, shownContact(contact));
  }
  refuseMerged(contact);
  refuseMerged(other, "with");
  const person = joined(contact, other);
  if ((person.absorbed?.length ?? 0) >= MOST_CONTACTS) {
    const detail = `A person is made of at most ${MOST_CONTACTS} contacts.`;
    throw new PublicError("too_many_contacts", detail, { field: "with" });
  }
  await askOfContact(merged, ports);
  return json(202, shownContact(person));
}

/** 202 with the contact that stands by itself once the event is recorded. */
export async function splitContact({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const { from: id } = readBody(request, ContactToSplit);
  const isMoving = await isChanging(name, ports);
  const contact = await locateContact(name, ports);
  const { mergedInto, ...other } = await namedContact(id, "from", ports);
  // It may have come to the contact with another one, in whose log its merge stands.
  const direct = mergedInto === undefined ? undefined : await ports.table.contact(mergedInto);
  if (!contact.absorbed?.includes(id) || !direct) {
    if (isMoving) throw notRecordedYet("What was asked of this contact");
    throw new PublicError("not_merged", "This contact was not merged with the one in the path.", { field: "from" });
  }
  refuseToldSame(contact, direct, other);
  await askOfContact(ofContact(direct, { type: "contact.split", data: { into: direct.id, from: id } }), ports);
  return json(202, shownContact(other));
}

/**
 * Such a contact has no conversation of its own any more: what was written of it would be seen nowhere.
 * @throws PublicError `not_merged` where the channels told that the one who is split off is the same customer
 */
function refuseToldSame(person: Contact, direct: Contact, other: Contact): void {
  const part = [other.id, ...(other.absorbed ?? [])];
  const rest = [person.id, ...(person.absorbed ?? [])].filter((id) => !part.includes(id));
  if (!rest.includes(other.turnedOutAs ?? "") && !part.includes(direct.turnedOutAs ?? "")) return;
  const detail = "The channel told that the two are the same customer, which nothing takes back.";
  throw new PublicError("not_merged", detail, { field: "from" });
}

async function namedContact(id: string, field: string, { table }: Ports): Promise<Contact> {
  const contact = await table.contact(id);
  if (!contact) throw new PublicError("contact_unknown", "There is no contact with this id.", { field });
  return contact;
}
