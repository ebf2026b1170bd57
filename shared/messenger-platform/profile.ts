/**
 * What a customer is called, which no message of the Messenger Platform tells
 * (https://developers.facebook.com/docs/messenger-platform/identity/user-profile).
 */
import type { Account, ProfileSource } from "../channels/connector.ts";
import { everyKey } from "../domain/rotating-secret.ts";
import { ask } from "../http/ask.ts";
import { graphErrorIn } from "../http/graph.ts";
import type { Http } from "../ports.ts";
import { errors } from "./errors.ts";
import type { Secrets } from "./secrets.ts";

type Told = Awaited<ReturnType<ProfileSource["profile"]>>;

const LONGEST_NAME = 200;

/**
 * One question about one person. People whom the token may not see, who came by telephone number or never wrote, have no
 * profile: Meta answers `{}`, or that it does not know them.
 * @param nodes where people are found: `https://<host>/<version>`
 * @param nameIn their name in what Meta tells, which may be empty or something else than text
 */
export async function profileAt(
  { nodes, fields, nameIn }: { nodes: string; fields: string; nameIn: (body: Record<string, unknown>) => unknown },
  address: string,
  { account, http }: { account: Account<unknown, Secrets>; http: Http },
): Promise<Told> {
  const [token] = everyKey(account.secrets.accessToken);
  if (!token) return { kind: "unavailable", detail: "no access token is set for this account" };
  const provider = { http, headers: { authorization: `Bearer ${token}` }, errorIn: graphErrorIn, errors };
  const asked = await ask(provider, `${nodes}/${encodeURIComponent(address)}?fields=${fields}`);
  switch (asked.kind) {
    case "told": {
      const name = nameIn(asked.body);
      return typeof name === "string" && name.trim()
        ? { kind: "known", name: name.trim().slice(0, LONGEST_NAME) }
        : { kind: "none" };
    }
    case "unknown":
      return { kind: "none" };
    default:
      return { kind: "unavailable", detail: asked.detail };
  }
}
