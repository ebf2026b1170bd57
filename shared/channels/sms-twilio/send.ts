import type { SendOutcome } from "../../domain/outcome.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { outcomeOf } from "../../http/send-outcome.ts";
import type { Http } from "../../ports.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import { errors } from "./errors.ts";
import type { Secrets, Settings } from "./settings.ts";

/** One request with the API key. A success only says that Twilio accepted it: what fails later comes as a status. */
export async function send(
  request: ProviderRequest,
  account: Account<Settings, Secrets>,
  http: Http,
): Promise<SendOutcome> {
  const [key] = everyKey(account.secrets.apiKey);
  const [secret] = everyKey(account.secrets.apiSecret);
  if (!key || !secret) return { kind: "unavailable", detail: "no API key is set for this account" };
  const basic = Buffer.from(`${key}:${secret}`).toString("base64");
  const answer = await http({ ...request, headers: { ...request.headers, authorization: `Basic ${basic}` } });
  return outcomeOf(answer, { idIn: ({ sid }) => sid, errorIn, errors });
}

export function errorIn({ code, message }: Record<string, unknown>): { codes: string[]; words?: string } | undefined {
  if (typeof code !== "number") return undefined;
  return { codes: [String(code)], ...(typeof message === "string" && { words: message }) };
}
