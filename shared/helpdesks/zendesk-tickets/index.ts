import type { Helpdesk } from "../helpdesk.ts";
import { originOf } from "./api.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Zendesk Support, by its Ticketing API and event webhooks. */
export const zendeskTickets: Helpdesk<Settings, Secrets> = {
  name: "zendesk-tickets",
  settings: Settings,
  secrets,
  origins: (settings) => [originOf(settings)],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
