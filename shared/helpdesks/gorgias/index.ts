import type { Helpdesk } from "../helpdesk.ts";
import { originOf } from "./api.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Gorgias, by its API and an HTTP integration. */
export const gorgias: Helpdesk<Settings, Secrets> = {
  name: "gorgias",
  settings: Settings,
  secrets,
  origins: (settings) => [originOf(settings)],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
