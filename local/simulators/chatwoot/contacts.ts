import type { Answer } from "../http.ts";
import type { DeskContact } from "../ticket-desk.ts";
import type { Account, Inbox } from "./account.ts";
import { contactJson } from "./shapes.ts";

type Params = Record<string, unknown>;

const NUMBER = /^\+[1-9]\d{1,14}$/;
const LONGEST_NAME = 255;

/** Whom the inbox knows by this source id; or whom the account knows by identifier or number; or somebody new. */
export function createContact(params: Params, inbox: Inbox, account: Account): Answer {
  const source = text(params.source_id) ?? `source-${account.store.number()}`;
  const { contacts } = account.store;
  const key = `${inbox.id}#${source}`;
  const bySource = contacts.get(account.sources.get(key) ?? "");
  if (bySource) return shown(bySource, source);
  const name = text(params.name);
  const phone = text(params.phone_number);
  const identifier = text(params.identifier);
  const all = [...contacts.values()];
  const known =
    all.find(({ externalId }) => identifier !== undefined && externalId === identifier) ??
    all.find((one) => phone !== undefined && one.phone === phone);
  const fault = known ? undefined : faultOf({ name, phone }, undefined, account);
  if (fault) return fault;
  const contact =
    known ??
    account.store.addContact({
      id: String(account.store.number()),
      name: name ?? "weathered-sun-213",
      ...(phone !== undefined && { phone }),
      ...(identifier !== undefined && { externalId: identifier }),
    });
  account.sources.set(key, contact.id);
  return shown(contact, source);
}

export function updateContact(params: Params, contact: DeskContact, account: Account): Answer {
  const name = text(params.name);
  const phone = text(params.phone_number);
  const fault = faultOf({ name, phone }, contact, account);
  if (fault) return fault;
  Object.assign(contact, { ...(name !== undefined && { name }), ...(phone !== undefined && { phone }) });
  return { status: 200, body: { payload: contactJson(contact) } };
}

function faultOf(
  { name, phone }: { name: string | undefined; phone: string | undefined },
  self: DeskContact | undefined,
  { store }: Account,
): Answer | undefined {
  if (name !== undefined && name.length > LONGEST_NAME)
    return refused("Name is too long (maximum is 255 characters)", "name");
  if (phone === undefined) return undefined;
  if (!NUMBER.test(phone)) return refused("Phone number should be in e164 format", "phone_number");
  const isTaken = [...store.contacts.values()].some((one) => one !== self && one.phone === phone);
  return isTaken ? refused("Phone number has already been taken", "phone_number") : undefined;
}

function refused(message: string, attribute: string): Answer {
  return { status: 422, body: { message, attributes: [attribute] } };
}

/** What a stranger is told: no attributes. */
function shown({ id, name, phone }: DeskContact, source: string): Answer {
  const body = {
    source_id: source,
    pubsub_token: "token",
    id: Number(id),
    name,
    email: null,
    phone_number: phone ?? null,
  };
  return { status: 200, body };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
