import type { Helpdesk } from "../helpdesk.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Any desk that speaks Recado's own form. */
export const generic: Helpdesk<Settings, Secrets> = {
  name: "generic",
  settings: Settings,
  secrets,
  origins: ({ url, repliesUrl }) => [...new Set([url, repliesUrl ?? url].map((one) => new URL(one).origin))],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
