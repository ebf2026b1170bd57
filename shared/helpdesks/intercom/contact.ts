/** The customer's contact: a `user` under our id of them, and never with an e-mail address, to which Intercom would write. */
import type { DeskCustomer } from "../../domain/telling.ts";
import type { Asked } from "../ask.ts";
import type { NotTold, Place, TellOutcome } from "../helpdesk.ts";
import { type Reach, request } from "./api.ts";
import { complaintIn, Made } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export type Sought = { id: string | undefined } | { outcome: NotTold };
type Got = { id: string } | { outcome: NotTold };

/** The contact that is kept, that the desk finds, or that is made now. */
export async function contactOf(place: Place<Settings, Secrets>): Promise<Got> {
  const { contact: kept } = place.ticket.kept;
  if (kept) return { id: kept };
  const { customer } = place.conversation;
  const found = await findContact(customer, place);
  if ("outcome" in found) return found;
  return found.id === undefined ? makeContact(customer, place) : { id: found.id };
}

/** By our id of the customer, directly: a search would not know it for some minutes. */
export async function findContact({ id }: DeskCustomer, reach: Reach): Promise<Sought> {
  const asked = await request(reach, "GET", `/contacts/find_by_external_id/${encodeURIComponent(id)}`);
  if (asked.isOk) return made(asked);
  if (asked.status === 404) return { id: undefined };
  // Merged into another one, which the answer names.
  if (asked.status === 410) return { id: /<\/contacts\/([^>/]+)>/.exec(asked.headers?.link ?? "")?.[1] };
  return asked;
}

/** A number that Intercom does not take for one is left out. */
export async function changeContact(id: string, customer: DeskCustomer, reach: Reach): Promise<TellOutcome> {
  const path = `/contacts/${encodeURIComponent(id)}`;
  const asked = await withOrWithoutPhone(customer, (about) => request(reach, "PUT", path, about));
  return asked.isOk ? { kind: "told", ids: [] } : asked.outcome;
}

async function makeContact(customer: DeskCustomer, reach: Reach): Promise<Got> {
  const asked = await withOrWithoutPhone(customer, (about) =>
    request(reach, "POST", "/contacts", { role: "user", external_id: customer.id, ...about }),
  );
  if (asked.isOk) return made(asked);
  const complaint = asked.status === 409 ? complaintIn(asked.json) : "";
  const [, id] = /\bid=(\w+)/.exec(complaint) ?? [];
  if (id === undefined) return asked;
  if (!/archived/i.test(complaint)) return { id };
  const back = await request(reach, "POST", `/contacts/${id}/unarchive`);
  return back.isOk ? { id } : back;
}

async function withOrWithoutPhone(
  { name, phone, address }: DeskCustomer,
  write: (about: { name: string; phone?: string }) => Promise<Asked>,
): Promise<Asked> {
  const about = { name: name ?? address };
  if (phone === undefined) return write(about);
  const asked = await write({ ...about, phone });
  const isDisliked = !asked.isOk && asked.outcome.kind === "refused" && ![404, 409].includes(asked.status ?? 0);
  return isDisliked ? write(about) : asked;
}

function made({ json }: Extract<Asked, { isOk: true }>): Got {
  const { success, data } = Made.safeParse(json);
  return success ? { id: data.id } : { outcome: { kind: "uncertain", detail: "an answer without the contact's id" } };
}
