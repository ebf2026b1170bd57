/** Contacts: all of them by name, those whose name begins in some way, and who is behind a number or an address. */
import type * as z from "zod";
import type { ApiContact, Page } from "../../shared/domain/api-shapes.ts";
import { foldedName } from "../../shared/domain/contact-list.ts";
import { ContactsQuery } from "../../shared/domain/contact-shapes.ts";
import { personId } from "../../shared/domain/ids.ts";
import { matchable } from "../../shared/domain/phone-number.ts";
import type { Contact } from "../../shared/ports.ts";
import { targetsOf } from "../../shared/sending/recipient.ts";
import { shownContact } from "./contacts.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

type Wanted = z.output<typeof ContactsQuery>;

export async function listContacts({ request, ports }: Call): Promise<Answer> {
  const wanted = readQuery(request, ContactsQuery);
  const { number, address, cursor } = wanted;
  const field = astray(wanted);
  if (field !== undefined) {
    const detail = "Give name, or number, or address together with account, or none of them.";
    throw new PublicError("bad_parameter", detail, { field });
  }
  if (number === undefined && address === undefined) return json(200, await byName(wanted, ports));
  if (cursor !== undefined) throw new PublicError("bad_parameter", "This list has one page.", { field: "cursor" });
  const found = number === undefined ? await behindAddress(wanted, ports) : await behindNumber(number, ports);
  return json(200, page(await personsOf(found, ports)));
}

/** Of the parameters that were given, the one that does not go with the others. */
function astray({ name, number, address, account }: Wanted): string | undefined {
  const ways = Object.entries({ name, number, address }).flatMap(([way, value]) => (value === undefined ? [] : [way]));
  if (ways.length > 1) return ways.at(-1);
  if ((address === undefined) === (account === undefined)) return undefined;
  return address === undefined ? "account" : "address";
}

async function byName({ name, limit, cursor }: Wanted, ports: Ports): Promise<Page<ApiContact>> {
  const beginning = foldedName(name ?? "");
  if (name !== undefined && beginning === "")
    throw new PublicError("bad_parameter", "The parameter must not be blank.", { field: "name" });
  const { idSecret } = await ports.deployment();
  const list = `contacts:${beginning}`;
  const position = cursor === undefined ? {} : { cursor: openCursor(idSecret, list, cursor) };
  const { contacts, nextCursor } = await ports.table.contacts({ beginning, limit, ...position });
  return page(contacts, nextCursor === undefined ? null : sealCursor(idSecret, list, nextCursor));
}

/** Where numbers join contacts, one of them has it. Else every account whose customers are numbers may know one. */
async function behindNumber(number: string, ports: Ports): Promise<string[]> {
  const { idSecret } = await ports.deployment();
  if (ports.joinByNumber) return [personId(idSecret, matchable(number))];
  const byNumber = [...ports.addressing].filter(
    ([account, { readAddress }]) => ports.accounts.has(account) && readAddress(number)?.number !== undefined,
  );
  const found = await Promise.all(byNumber.map(([account]) => contactsAt({ account, address: number }, ports)));
  return found.flat();
}

async function behindAddress({ address = "", account = "" }: Wanted, ports: Ports): Promise<string[]> {
  return contactsAt({ account, address }, ports);
}

async function contactsAt(at: { account: string; address: string }, ports: Ports): Promise<string[]> {
  const { idSecret } = await ports.deployment();
  const targets = await targetsOf(at, { ...ports, idSecret });
  if ("kind" in targets) {
    if (targets.isNobody) return [];
    const field = targets.code === "account_unknown" ? "account" : "address";
    throw new PublicError("bad_parameter", targets.text, { field });
  }
  return targets.flatMap(({ newest, place }) => (newest ? [newest.after.contact ?? place.contact] : []));
}

async function personsOf(ids: readonly string[], { table }: Ports): Promise<Contact[]> {
  const persons = await Promise.all(ids.map((id) => table.person(id)));
  return [...new Map(persons.flatMap((person) => (person ? [[person.id, person]] : []))).values()];
}

function page(contacts: readonly Contact[], nextCursor: string | null = null): Page<ApiContact> {
  return { data: contacts.map(shownContact), nextCursor };
}
