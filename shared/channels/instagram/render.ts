import type { Content } from "../../domain/content.ts";
import { bodyOf } from "../../messenger-platform/render-message.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import { INSTAGRAM_LOGIN_HOST, type Settings } from "./settings.ts";

/**
 * Instagram's own login knows no messaging types.
 * @throws on content that `capabilities` do not carry: a bug of the caller
 */
export function render({ settings, tag, ...message }: Rendering<Settings>): ProviderRequest {
  const isOwnLogin = settings.host === INSTAGRAM_LOGIN_HOST;
  const type = tag ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" } : { messaging_type: "RESPONSE" };
  const content = asInstagram(message.content);
  return request(settings, bodyOf({ ...message, content }, tag || !isOwnLogin ? type : undefined));
}

/**
 * `POST /{version}/me/messages`, where the token's Page stands for the account that is linked to it; with a token of
 * Instagram's own login the account is named.
 */
export function request({ host, graphVersion, instagramId }: Settings, body: Record<string, unknown>): ProviderRequest {
  const isOwnLogin = host === INSTAGRAM_LOGIN_HOST;
  return {
    method: "POST",
    url: `https://${host}/${graphVersion}/${isOwnLogin ? instagramId : "me"}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Instagram has a name for the one reaction that its app shows first; any other is the emoji itself. */
function asInstagram(content: Content): Content {
  return content.type === "reaction" && /^\u2764\ufe0f?$/.test(content.emoji) ? { ...content, emoji: "love" } : content;
}
