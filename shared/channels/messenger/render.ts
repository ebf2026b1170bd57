import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/**
 * The body of `POST /{version}/{page id}/messages`.
 * @throws on content that `capabilities` do not carry: a bug of the caller
 */
export function render({
  to,
  content,
  settings,
  correlation,
  replyToProviderMessageId,
}: Rendering<Settings>): ProviderRequest {
  if (content.type !== "text") throw new Error(`messenger does not carry ${content.type}`);
  return {
    method: "POST",
    url: `https://graph.facebook.com/${settings.graphVersion}/${settings.pageId}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      recipient: { id: to },
      messaging_type: "RESPONSE",
      message: { text: content.text, metadata: correlation },
      ...(replyToProviderMessageId && { reply_to: { mid: replyToProviderMessageId } }),
    }),
  };
}
