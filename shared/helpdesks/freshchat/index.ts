import type { Helpdesk } from "../helpdesk.ts";
import { originOf } from "./addresses.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Freshchat, by its API and the webhooks of the account. */
export const freshchat: Helpdesk<Settings, Secrets> = {
  name: "freshchat",
  settings: Settings,
  secrets,
  origins: (settings) => [originOf(settings)],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
