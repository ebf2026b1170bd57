import { chatwoot } from "./chatwoot/index.ts";
import { freshchat } from "./freshchat/index.ts";
import { front } from "./front/index.ts";
import { generic } from "./generic/index.ts";
import { gorgias } from "./gorgias/index.ts";
import type { Helpdesk } from "./helpdesk.ts";
import { hubspot } from "./hubspot/index.ts";
import { intercom } from "./intercom/index.ts";
import { libredesk } from "./libredesk/index.ts";
import { zendeskMessaging } from "./zendesk-messaging/index.ts";
import { zendeskTickets } from "./zendesk-tickets/index.ts";

/** Every helpdesk there is; its key is its folder and its name in the configuration. */
export const helpdesks = {
  chatwoot,
  freshchat,
  front,
  generic,
  gorgias,
  hubspot,
  intercom,
  libredesk,
  "zendesk-messaging": zendeskMessaging,
  "zendesk-tickets": zendeskTickets,
} as const;
export type HelpdeskName = keyof typeof helpdesks;

/** Where a helpdesk of this kind is, by settings that were checked. */
export function originsOf(name: HelpdeskName, settings: Readonly<Record<string, unknown>>): readonly string[] {
  const helpdesk: Helpdesk = helpdesks[name];
  return helpdesk.origins(settings);
}
