import { fileIn } from "../../domain/media-kind.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/**
 * The form of `POST /2010-04-01/Accounts/{account}/Messages.json`. Twilio carries nothing of ours, so the correlation is
 * in the path that it posts the status to.
 * @throws on content that `capabilities` do not carry, or a file without an address: a bug of the caller
 */
export function render({ to, content, settings, correlation, callbackUrl }: Rendering<Settings>): ProviderRequest {
  const { accountSid, from, messagingServiceSid } = settings;
  const form = new URLSearchParams({
    To: to,
    ...(messagingServiceSid !== undefined && { MessagingServiceSid: messagingServiceSid }),
    // Beside a service it is the sender that is taken from its pool.
    ...(from !== undefined && { From: from }),
    ...said(content),
    ...(callbackUrl !== undefined && { StatusCallback: `${callbackUrl}/status/${correlation}` }),
  });
  return {
    method: "POST",
    url: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  };
}

function said(content: Rendering["content"]): Record<string, string> {
  if (content.type === "text") return { Body: content.text };
  const { media, caption } = fileIn(content) ?? {};
  if (media?.url === undefined) throw new Error(`sms-twilio does not carry this ${content.type}`);
  return { MediaUrl: media.url, ...(caption !== undefined && { Body: caption }) };
}
