/** The customer as Gorgias's customer, by our id of them. */
import type { DeskCustomer } from "../../domain/telling.ts";
import { notNow } from "../ask.ts";
import type { NotNow } from "../helpdesk.ts";
import { askGorgias, type Reach } from "./api.ts";
import { Customer, Page } from "./payload.ts";
import type { Settings } from "./settings.ts";

type Found = { kind: "found"; id: string };
type None = { kind: "none" };

/** What a value that another customer has, or that is none, is refused with. */
const REFUSED = new Set([400, 409, 422]);
/** Customers who may have a number, that are looked at one by one. */
const MOST_OWNERS = 3;

/**
 * Finds them by our id, or makes them. A number belongs to one customer alone: where a shop's customer has it already, it
 * is they who write, and agents see their orders.
 */
export async function findCustomer(customer: DeskCustomer, reach: Reach): Promise<Found | NotNow> {
  const known = await ofOurId(customer.id, reach);
  if (known.kind !== "none") return known;
  const { phone } = customer;
  const about = aboutOf(customer, reach.desk.settings);
  const make = (json: object) => askGorgias(reach, { method: "POST", path: "/customers", json });
  const channels = phone === undefined ? [] : [{ type: "phone", address: phone, preferred: true }];
  let made = await make({ ...about, ...(channels.length > 0 && { channels }) });
  if (!made.isOk && REFUSED.has(made.status ?? 0) && phone !== undefined) {
    const owner = await ownerOf(phone, reach);
    if (owner.kind !== "none") return owner;
    made = await make(about);
  }
  if (!made.isOk) return notNow(made.outcome);
  const { data } = Customer.safeParse(made.json);
  return data ? { kind: "found", id: data.id } : { kind: "unavailable", detail: "no customer in the answer" };
}

/** @returns `none`: there is nobody with this id of ours, or it is a shop's customer who writes */
export async function ofOurId(id: string, reach: Reach): Promise<Found | None | NotNow> {
  const listed = await listCustomers({ external_id: id }, reach);
  if (!Array.isArray(listed)) return listed;
  const found = listed.find((one) => one.external_id === id);
  return found ? { kind: "found", id: found.id } : { kind: "none" };
}

/** No address of theirs is ever given, or Gorgias would write to it. */
function aboutOf({ id, name, phone, address }: DeskCustomer, { replyDomain }: Settings) {
  return {
    external_id: id,
    name: name?.trim() || phone || address,
    ...(replyDomain !== undefined && { email: `${id.toLowerCase()}@${replyDomain}` }),
  };
}

/** A list that knows nothing of numbers gives anybody: so each is asked for the numbers that they have. */
async function ownerOf(phone: string, reach: Reach): Promise<Found | None | NotNow> {
  const listed = await listCustomers({ channel_type: "phone", channel_address: phone, limit: "30" }, reach);
  if (!Array.isArray(listed)) return listed;
  for (const { id } of listed.slice(0, MOST_OWNERS)) {
    const asked = await askGorgias(reach, { method: "GET", path: `/customers/${encodeURIComponent(id)}` });
    if (!asked.isOk && asked.status !== 404) return notNow(asked.outcome);
    const { data } = Customer.safeParse(asked.isOk ? asked.json : undefined);
    const numbers = (data?.channels ?? []).flatMap((one) => (one?.type === "phone" ? (one.address ?? []) : []));
    if (numbers.some((number) => digitsOf(number) === digitsOf(phone))) return { kind: "found", id };
  }
  return { kind: "none" };
}

async function listCustomers(query: Record<string, string>, reach: Reach): Promise<Customer[] | NotNow> {
  const asked = await askGorgias(reach, { method: "GET", path: `/customers?${new URLSearchParams(query)}` });
  if (!asked.isOk) return notNow(asked.outcome);
  const { data } = Page.safeParse(asked.json);
  if (!data) return { kind: "unavailable", detail: "no customers in the answer" };
  return data.data.flatMap((one) => Customer.safeParse(one).data ?? []);
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}
