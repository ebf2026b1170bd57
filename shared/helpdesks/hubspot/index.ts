import type { Helpdesk } from "../helpdesk.ts";
import { API } from "./api.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** HubSpot's conversations inbox or help desk, by a custom channel. */
export const hubspot: Helpdesk<Settings, Secrets> = {
  name: "hubspot",
  settings: Settings,
  secrets,
  origins: () => [API],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
