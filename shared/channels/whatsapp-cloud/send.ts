import type { SendOutcome } from "../../domain/outcome.ts";
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { graphErrorIn } from "../../http/graph.ts";
import { outcomeOf } from "../../http/send-outcome.ts";
import type { Http } from "../../ports.ts";
import { errors } from "../../whatsapp-platform/errors.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

/** One request with the account's token. A success only says that Meta accepted it: what fails later comes as a status. */
export async function send(
  request: ProviderRequest,
  account: Account<Settings, Secrets>,
  http: Http,
): Promise<SendOutcome> {
  const [token] = everyKey(account.secrets.accessToken);
  if (!token) return { kind: "unavailable", detail: "no access token is set for this account" };
  const answer = await http({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });
  return outcomeOf(answer, { idIn, errorIn: graphErrorIn, errors });
}

/** What is no message, such as typing, is taken without an id. */
function idIn({ messages, success }: Record<string, unknown>): unknown {
  if (success === true) return "none";
  const [message] = Array.isArray(messages) ? messages : [];
  return isRecord(message) ? message.id : undefined;
}
