import type { Content } from "../../domain/content.ts";
import { bodyOf } from "../../messenger-platform/render-message.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/** @throws on content that `capabilities` do not carry: a bug of the caller */
export function render({ settings, tag, ...message }: Rendering<Settings>): ProviderRequest {
  return request(settings, bodyOf(message, markOf(message.content, tag)));
}

/** What Meta wants to know of a message: an approved template may come at any time, a person's answer for longer. */
function markOf({ type }: Content, tag: Rendering["tag"]): Record<string, string> {
  if (type === "template") return { messaging_type: "UTILITY" };
  return tag ? { messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" } : { messaging_type: "RESPONSE" };
}

/** `POST /{version}/{page id}/messages`. */
export function request(settings: Settings, body: Record<string, unknown>): ProviderRequest {
  return {
    method: "POST",
    url: `https://graph.facebook.com/${settings.graphVersion}/${settings.pageId}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
