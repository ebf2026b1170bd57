/** The customer as a user of Freshchat: under our id of them, and never with an e-mail address, to which it would write. */
import type { DeskCustomer } from "../../domain/telling.ts";
import { notNow, type Refusal } from "../ask.ts";
import { type Reach, request } from "./api.ts";
import { Made, User, Users } from "./payload.ts";

type Sought = { isOk: true; id: string | undefined } | { isOk: false; outcome: Refusal };
type Got = { isOk: true; id: string } | { isOk: false; outcome: Refusal };

/** What is answered when a field is not to Freshchat's liking: most often it is the phone number. */
const UNLIKED = new Set([400, 422]);
const LONGEST_NAME = 100;

/** The user that Freshchat finds, or that is made now. No refusal is `refused` or `uncertain`: nothing was told yet. */
export async function userOf(customer: DeskCustomer, reach: Reach): Promise<Got> {
  const found = await findUser(customer, reach);
  if (!found.isOk) return found;
  return found.id === undefined ? makeUser(customer, reach) : { isOk: true, id: found.id };
}

export async function findUser({ id }: DeskCustomer, reach: Reach): Promise<Sought> {
  const path = `/users?${new URLSearchParams({ reference_id: id })}`;
  const asked = await request(reach, { method: "GET", path });
  if (!asked.isOk)
    return asked.status === 404 ? { isOk: true, id: undefined } : { isOk: false, outcome: notNow(asked.outcome) };
  const users = Users.safeParse(asked.json);
  if (!users.success)
    return { isOk: false, outcome: { kind: "unavailable", detail: "an answer that is no list of users" } };
  const all = (users.data.users ?? []).flatMap((one) => User.safeParse(one).data ?? []);
  // Where it did not understand the question, others may be among them.
  return { isOk: true, id: all.find((one) => one.reference_id === id)?.id };
}

/** A name that was learnt, or changed. What another name does not say stays. */
export async function changeUser(user: string, customer: DeskCustomer, reach: Reach) {
  const path = `/users/${encodeURIComponent(user)}`;
  return request(reach, { method: "PUT", path, json: nameOf(customer) });
}

async function makeUser(customer: DeskCustomer, reach: Reach): Promise<Got> {
  const { id, phone } = customer;
  const about = { reference_id: id, ...nameOf(customer) };
  const make = (json: object) => request(reach, { method: "POST", path: "/users", json });
  let asked = await make({ ...about, ...(phone !== undefined && { phone }) });
  if (!asked.isOk && phone !== undefined && UNLIKED.has(asked.status ?? 0)) asked = await make(about);
  if (!asked.isOk) return { isOk: false, outcome: notNow(asked.outcome) };
  const { success, data } = Made.safeParse(asked.json);
  return success
    ? { isOk: true, id: data.id }
    : { isOk: false, outcome: { kind: "unavailable", detail: "a user was made without an id" } };
}

function nameOf({ name, phone, address }: DeskCustomer) {
  const [first = "", ...others] = (name?.trim() || phone || address).split(/\s+/);
  const last = others.join(" ").slice(0, LONGEST_NAME).toWellFormed();
  return { first_name: first.slice(0, LONGEST_NAME).toWellFormed(), ...(last && { last_name: last }) };
}
