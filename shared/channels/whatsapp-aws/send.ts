import type { SendOutcome } from "../../domain/outcome.ts";
import { callOnce, outcomeOfCall } from "../../http/sdk-handler.ts";
import type { Http } from "../../ports.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import { socialMessaging } from "./client.ts";
import { errors, metaCodeIn } from "./errors.ts";
import type { SendInput } from "./render.ts";

/**
 * One request, signed with the function's own credentials. A success only says that AWS accepted it, under an id that is
 * not Meta's: what becomes of the message comes as a status under Meta's id, with our correlation.
 */
export async function send(request: ProviderRequest, _account: Account, http: Http): Promise<SendOutcome> {
  const { message, ...input } = JSON.parse(String(request.body)) as SendInput;
  const called = await callOnce(http, async (options) => {
    const { sdk, client } = await socialMessaging();
    const bytes = Buffer.from(JSON.stringify(message));
    return client.send(new sdk.SendWhatsAppMessageCommand({ ...input, message: bytes }), options);
  });
  return outcomeOfCall(called, {
    idIn: ({ messageId }) => messageId,
    codesIn: ({ name }, words) => [metaCodeIn(words) ?? [], nameOf(name)].flat(),
    errors,
  });
}

/** AWS documents its exceptions with the ending and without. */
function nameOf(name: string): string {
  return /Exception$/.test(name) ? name : `${name}Exception`;
}
