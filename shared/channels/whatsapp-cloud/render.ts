import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/**
 * The body of `POST /{version}/{phone number id}/messages`.
 * @throws on content that `capabilities` do not carry: a bug of the caller
 */
export function render({
  to,
  content,
  settings,
  correlation,
  replyToProviderMessageId,
}: Rendering<Settings>): ProviderRequest {
  if (content.type !== "text") throw new Error(`whatsapp-cloud does not carry ${content.type}`);
  return {
    method: "POST",
    url: `https://graph.facebook.com/${settings.graphVersion}/${settings.phoneNumberId}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      messaging_product: "whatsapp",
      ...recipient(to),
      type: "text",
      text: { body: content.text },
      ...(replyToProviderMessageId && { context: { message_id: replyToProviderMessageId } }),
      biz_opaque_callback_data: correlation,
    }),
  };
}

/**
 * A user id in `to` would be taken for a number, accepted and dropped; a number without `+` gets the country code of the
 * business's own number.
 */
function recipient(address: string): Record<string, string> {
  if (address.startsWith("group:")) return { recipient_type: "group", to: address.slice("group:".length) };
  if (/^\+?\d+$/.test(address)) return { recipient_type: "individual", to: `+${address.replace("+", "")}` };
  return { recipient_type: "individual", recipient: address };
}
