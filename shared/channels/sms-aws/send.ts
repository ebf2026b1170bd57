import type {
  PinpointSMSVoiceV2Client,
  SendMediaMessageCommandInput,
  SendTextMessageCommandInput,
} from "@aws-sdk/client-pinpoint-sms-voice-v2";
import type { SendOutcome } from "../../domain/outcome.ts";
import { callersHttp, callOnce, outcomeOfCall } from "../../http/sdk-handler.ts";
import type { Http } from "../../ports.ts";
import type { Account, ProviderRequest } from "../connector.ts";
import { errors } from "./errors.ts";

let client: PinpointSMSVoiceV2Client | undefined;

/** One request, signed with the function's own credentials. A success only says that AWS accepted it. */
export async function send(request: ProviderRequest, _account: Account, http: Http): Promise<SendOutcome> {
  const called = await callOnce(http, async (options) => {
    // Loaded by who sends alone: everything that reads the configuration knows every connector.
    const sdk = await import("@aws-sdk/client-pinpoint-sms-voice-v2");
    client ??= new sdk.PinpointSMSVoiceV2Client({ maxAttempts: 1, requestHandler: callersHttp });
    const input: unknown = JSON.parse(String(request.body));
    return request.url.endsWith("/SendMediaMessage")
      ? client.send(new sdk.SendMediaMessageCommand(input as SendMediaMessageCommandInput), options)
      : client.send(new sdk.SendTextMessageCommand(input as SendTextMessageCommandInput), options);
  });
  return outcomeOfCall(called, {
    idIn: ({ MessageId }) => MessageId,
    // The reason says more than the name: opted out, for one, is a conflict.
    codesIn: (error) => ["Reason" in error && typeof error.Reason === "string" ? error.Reason : [], error.name].flat(),
    errors,
  });
}
