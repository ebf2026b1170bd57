import { messageOf } from "../../messenger-platform/render-message.ts";
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
  tag,
}: Rendering<Settings>): ProviderRequest {
  return {
    method: "POST",
    url: `https://graph.facebook.com/${settings.graphVersion}/${settings.pageId}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      recipient: { id: to },
      ...(tag ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" } : { messaging_type: "RESPONSE" }),
      message: { ...messageOf(content), metadata: correlation },
      ...(replyToProviderMessageId && { reply_to: { mid: replyToProviderMessageId } }),
    }),
  };
}
