import type { SendOutcome } from "../../domain/outcome.ts";
import { outcomeOf } from "../../http/send-outcome.ts";
import type { Http } from "../../ports.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import { accessOf } from "./access.ts";
import { errors } from "./errors.ts";
import type { Secrets, Settings } from "./settings.ts";

/** One request. A success only says that Vonage accepted it: what fails later comes as a status. */
export async function send(
  request: ProviderRequest,
  account: Account<Settings, Secrets>,
  http: Http,
): Promise<SendOutcome> {
  const access = accessOf(account);
  if (!access.ok) return { kind: "unavailable", detail: access.detail };
  const answer = await http({ ...request, headers: { ...request.headers, authorization: access.authorization } });
  return outcomeOf(answer, { idIn: ({ message_uuid }) => message_uuid, errorIn, errors });
}

/** A problem document; its type ends in the code. */
function errorIn(body: Record<string, unknown>): { codes: string[]; words?: string } | undefined {
  const { type, title, detail } = body;
  const [, code] = /#([\w-]+)$/.exec(typeof type === "string" ? type : "") ?? [];
  if (code === undefined) return undefined;
  const words = [detail, title].find((one) => typeof one === "string" && one !== "");
  return { codes: [code], ...(typeof words === "string" && { words }) };
}
