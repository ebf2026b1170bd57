/** Who the customer is there: a contact of the live chat, known by a token that the inbox's secret signs. */
import * as z from "zod/mini";
import { everyKey } from "../../domain/rotating-secret.ts";
import type { DeskConversation, DeskCustomer } from "../../domain/telling.ts";
import { hs256Token } from "../../http/json-web-token.ts";
import { notNow, type Refusal } from "../ask.ts";
import { forAccount } from "../by-account.ts";
import { askAsCustomer, dataOf, notSet, type Reach } from "./api.ts";
import { cut } from "./byte-limit.ts";

/** A customer's way into their inbox. The token is a credential and is never kept: a new one costs one request. */
export interface Session {
  inbox: string;
  token: string;
}

const TOKEN_SECONDS = 300;
const LONGEST_NAME_BYTES = 128;
const LONGEST_PHONE = 20;
const Exchanged = z.looseObject({ session_token: z.string() });

/**
 * Gives the customer's contact its name and number, makes it where there is none, and opens a session. The same customer
 * is the same contact on every account, by `external_user_id`.
 * @param now ms since 1970
 * @returns a refusal is never `refused` or `uncertain`: nothing that was to be told is at fault, and nothing was told
 */
export async function exchange(
  { account, customer }: Pick<DeskConversation, "account" | "customer">,
  reach: Reach & { now: number },
): Promise<{ isOk: true; session: Session } | { isOk: false; outcome: Refusal }> {
  const inbox = forAccount(reach.desk.settings.inboxes, account);
  if (inbox === undefined) return notSet(`no inbox is set for the account ${account}`);
  const keys = everyKey(reach.desk.secrets.inboxSecret);
  let last: Refusal = { kind: "unavailable", detail: "no inbox secret is set" };
  for (const key of keys) {
    const json = { jwt: hs256Token(claimsOf(customer, reach.now), key) };
    const asked = await askAsCustomer(reach, { method: "POST", path: "/auth/exchange", inbox, json });
    const token = asked.isOk ? dataOf(asked.json, Exchanged)?.session_token : undefined;
    if (token !== undefined) return { isOk: true, session: { inbox, token } };
    last = asked.isOk ? { kind: "unavailable", detail: "no session was given" } : notNow(asked.outcome);
    // Of several inboxes each may have its own secret.
    if (asked.isOk || asked.status !== 401) break;
  }
  return { isOk: false, outcome: last };
}

/**
 * `email` is wanted by LibreDesk. A customer's own would have it mail what goes out by their channel as well, so that it
 * is one that no mail can reach: `.invalid` is no domain (RFC 6761).
 */
function claimsOf({ id, name, phone, address }: DeskCustomer, now: number): Record<string, string | number> {
  const [first = "", ...others] = (name?.trim() || phone || address).split(/\s+/);
  const last = cut(others.join(" "), LONGEST_NAME_BYTES).first;
  return {
    external_user_id: id,
    email: `${id.toLowerCase()}@recado.invalid`,
    first_name: cut(first, LONGEST_NAME_BYTES).first || "?",
    ...(last && { last_name: last }),
    ...(phone !== undefined && phone.length <= LONGEST_PHONE && { phone_number: phone }),
    exp: Math.floor(now / 1000) + TOKEN_SECONDS,
  };
}
