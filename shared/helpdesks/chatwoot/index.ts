import type { Helpdesk } from "../helpdesk.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Chatwoot, by inboxes of its kind "API": its own cloud, or one that the business runs itself. */
export const chatwoot: Helpdesk<Settings, Secrets> = {
  name: "chatwoot",
  settings: Settings,
  secrets,
  origins: ({ baseUrl }) => [new URL(baseUrl).origin],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
