import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/**
 * The form of `POST /2010-04-01/Accounts/{account}/Messages.json`. Twilio carries nothing of ours, so the correlation is
 * in the path that it posts the status to.
 * @throws on content that `capabilities` do not carry: a bug of the caller
 */
export function render({ to, content, settings, correlation, callbackUrl }: Rendering<Settings>): ProviderRequest {
  if (content.type !== "text") throw new Error(`sms-twilio does not carry ${content.type}`);
  const { accountSid, from, messagingServiceSid } = settings;
  const form = new URLSearchParams({
    To: to,
    ...(messagingServiceSid !== undefined && { MessagingServiceSid: messagingServiceSid }),
    ...(from !== undefined && { From: from }),
    Body: content.text,
    ...(callbackUrl !== undefined && { StatusCallback: `${callbackUrl}/status/${correlation}` }),
  });
  return {
    method: "POST",
    url: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  };
}
