import type { Helpdesk } from "../helpdesk.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** LibreDesk, by a live chat inbox of its own for every account. */
export const libredesk: Helpdesk<Settings, Secrets> = {
  name: "libredesk",
  settings: Settings,
  secrets,
  origins: ({ baseUrl }) => [new URL(baseUrl).origin],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
