import type { SendOutcome } from "../../domain/outcome.ts";
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { outcomeOf } from "../../http/send-outcome.ts";
import type { Http } from "../../ports.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import { errors } from "./errors.ts";
import type { Secrets, Settings } from "./settings.ts";

/** One request. A success only says that Telnyx accepted it: what fails later comes as a status. */
export async function send(
  request: ProviderRequest,
  account: Account<Settings, Secrets>,
  http: Http,
): Promise<SendOutcome> {
  const [key] = everyKey(account.secrets.apiKey);
  if (!key) return { kind: "unavailable", detail: "no API key is set for this account" };
  const answer = await http({ ...request, headers: { ...request.headers, authorization: `Bearer ${key}` } });
  return outcomeOf(answer, { idIn: ({ data }) => (isRecord(data) ? data.id : undefined), errorIn, errors });
}

export function errorIn({ errors: faults }: Record<string, unknown>): { codes: string[]; words?: string } | undefined {
  const [first] = Array.isArray(faults) ? faults : [];
  if (!isRecord(first) || typeof first.code !== "string" || first.code === "") return undefined;
  const words = [first.detail, first.title].find((one) => typeof one === "string" && one !== "");
  return { codes: [first.code], ...(typeof words === "string" && { words }) };
}
