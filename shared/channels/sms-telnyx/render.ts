import { fileIn } from "../../domain/media-kind.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/**
 * The JSON of `POST /v2/messages`. Telnyx carries nothing of ours, so the correlation is in the path that it posts the
 * statuses to; its webhooks repeat that URL in the signed body.
 * @throws on content that `capabilities` do not carry, or a file without an address: a bug of the caller
 */
export function render({ to, content, settings, correlation, callbackUrl }: Rendering<Settings>): ProviderRequest {
  const { from, messagingProfileId } = settings;
  const body = {
    to,
    ...(from !== undefined && { from }),
    ...(messagingProfileId !== undefined && { messaging_profile_id: messagingProfileId }),
    ...said(content),
    ...(callbackUrl !== undefined && { webhook_url: `${callbackUrl}/status/${correlation}` }),
  };
  return {
    method: "POST",
    url: "https://api.telnyx.com/v2/messages",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  };
}

function said(content: Rendering["content"]): Record<string, unknown> {
  if (content.type === "text") return { type: "SMS", text: content.text };
  const { media, caption } = fileIn(content) ?? {};
  if (media?.url === undefined) throw new Error(`sms-telnyx does not carry this ${content.type}`);
  return { type: "MMS", media_urls: [media.url], ...(caption !== undefined && { text: caption }) };
}
