import { renderMessage } from "../../whatsapp-platform/render-message.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/** What `send` gives to AWS; `message` is Meta's own JSON. */
export interface SendInput {
  originationPhoneNumberId: string;
  metaApiVersion: string;
  message: Record<string, unknown>;
}

/**
 * The URL names AWS's operation, `aws://<service>/<operation>`, and the body is that operation's input: the Region, and
 * with it the host, is the function's own.
 */
export function render({ settings, ...message }: Rendering<Settings>): ProviderRequest {
  const { replyToProviderMessageId: quoted, ...unquoted } = message;
  // Until Meta has told of it, a message of ours is known by AWS's id alone, which Meta would refuse to quote.
  const isKnownToMeta = quoted?.startsWith("wamid.") || message.content.type === "reaction";
  return request(settings, renderMessage(isKnownToMeta ? message : unquoted));
}

export function request(
  { originationPhoneNumberId, metaApiVersion }: Settings,
  message: Record<string, unknown>,
): ProviderRequest {
  const input: SendInput = { originationPhoneNumberId, metaApiVersion, message };
  return {
    method: "POST",
    url: "aws://social-messaging/SendWhatsAppMessage",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  };
}
