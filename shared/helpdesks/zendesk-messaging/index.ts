import type { Helpdesk } from "../helpdesk.ts";
import { baseOf } from "./api.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Zendesk messaging in the Agent Workspace, by the Sunshine Conversations API. */
export const zendeskMessaging: Helpdesk<Settings, Secrets> = {
  name: "zendesk-messaging",
  settings: Settings,
  secrets,
  origins: (settings) => [new URL(baseOf(settings)).origin],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
