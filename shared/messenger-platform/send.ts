import type { Account, ProviderRequest } from "../channels/connector.ts";
import type { SendOutcome } from "../domain/outcome.ts";
import { everyKey } from "../domain/rotating-secret.ts";
import { graphErrorIn } from "../http/graph.ts";
import { outcomeOf } from "../http/send-outcome.ts";
import type { Http } from "../ports.ts";
import { errors } from "./errors.ts";
import type { Secrets } from "./secrets.ts";

/** One request with the account's token, which the Send API takes as a parameter of the URL. */
export async function send(
  request: ProviderRequest,
  account: Account<unknown, Secrets>,
  http: Http,
): Promise<SendOutcome> {
  const [token] = everyKey(account.secrets.accessToken);
  if (!token) return { kind: "unavailable", detail: "no access token is set for this account" };
  const answer = await http({ ...request, url: `${request.url}?access_token=${encodeURIComponent(token)}` });
  return outcomeOf(answer, { idIn: isAction(request) ? idOfAction : idIn, errorIn: graphErrorIn, errors });
}

/** A reaction: something that the business does, where others are what it says. */
function isAction({ body }: ProviderRequest): boolean {
  return typeof body === "string" && "sender_action" in JSON.parse(body);
}

function idIn({ message_id }: Record<string, unknown>): unknown {
  return message_id;
}

/** Meta gives none to what is no message of its own; nothing will ever be told about it, so that any one will do. */
function idOfAction(): string {
  return `reaction.${crypto.randomUUID()}`;
}
