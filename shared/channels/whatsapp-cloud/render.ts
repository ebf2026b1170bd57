import { renderMessage } from "../../whatsapp-platform/render-message.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

export function render({ settings, ...message }: Rendering<Settings>): ProviderRequest {
  return request(settings, renderMessage(message));
}

/** `POST /{version}/{phone number id}/messages`. */
export function request(settings: Settings, body: Record<string, unknown>): ProviderRequest {
  return {
    method: "POST",
    url: `https://graph.facebook.com/${settings.graphVersion}/${settings.phoneNumberId}/messages`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
