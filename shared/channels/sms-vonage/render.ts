import { fileIn } from "../../domain/media-kind.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import { partyOf } from "./address.ts";
import type { Settings } from "./settings.ts";

/**
 * The JSON of `POST /v1/messages`. Statuses bring `client_ref` back, and come to us whatever the application is set up
 * with.
 * @throws on content that `capabilities` do not carry, or a file without an address: a bug of the caller
 */
export function render({ to, content, settings, correlation, callbackUrl }: Rendering<Settings>): ProviderRequest {
  const body = {
    to: partyOf(to),
    from: partyOf(settings.from),
    ...said(content),
    client_ref: correlation,
    ...(callbackUrl !== undefined && { webhook_url: callbackUrl, webhook_version: "v1" }),
  };
  return {
    method: "POST",
    url: "https://api.nexmo.com/v1/messages",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  };
}

function said(content: Rendering["content"]): Record<string, unknown> {
  if (content.type === "text") return { channel: "sms", message_type: "text", text: content.text };
  const { media, caption } = fileIn(content) ?? {};
  if (media?.url === undefined) throw new Error(`sms-vonage does not carry this ${content.type}`);
  const isCard = /^text\/(x-)?vcard\b/i.test(media.contentType);
  const kind = content.type !== "document" ? content.type : isCard ? "vcard" : "file";
  return {
    channel: "mms",
    message_type: kind,
    [kind]: { url: media.url, ...(caption !== undefined && { caption }) },
  };
}
