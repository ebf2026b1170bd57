import { messageOf } from "../../messenger-platform/render-message.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import { INSTAGRAM_LOGIN_HOST, type Settings } from "./settings.ts";

/**
 * The body of `POST /{version}/me/messages`, where the token's Page stands for the account that is linked to it; with a
 * token of Instagram's own login the account is named, and knows no messaging types.
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
  const { host, graphVersion, instagramId } = settings;
  const isOwnLogin = host === INSTAGRAM_LOGIN_HOST;
  const type = tag ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" } : { messaging_type: "RESPONSE" };
  return {
    method: "POST",
    url: `https://${host}/${graphVersion}/${isOwnLogin ? instagramId : "me"}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      recipient: { id: to },
      ...((tag || !isOwnLogin) && type),
      message: { ...messageOf(content), metadata: correlation },
      ...(replyToProviderMessageId && { reply_to: { mid: replyToProviderMessageId } }),
    }),
  };
}
