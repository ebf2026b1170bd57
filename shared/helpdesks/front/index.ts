import type { Helpdesk } from "../helpdesk.ts";
import { API } from "./api.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Front, where each account is an application channel. */
export const front: Helpdesk<Settings, Secrets> = {
  name: "front",
  settings: Settings,
  secrets,
  origins: () => [API],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
