import type { Helpdesk } from "../helpdesk.ts";
import { API_ORIGINS } from "./api.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { way } from "./post.ts";
import { reconciler } from "./reconcile.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** Where files of agents lie. */
const FILE_ORIGINS = {
  us: "https://downloads.intercomcdn.com",
  eu: "https://downloads.intercomcdn.eu",
  au: "https://downloads.au.intercomcdn.com",
} as const;

/** Intercom's inbox, by the REST API and the webhooks of a private app. */
export const intercom: Helpdesk<Settings, Secrets> = {
  name: "intercom",
  settings: Settings,
  secrets,
  origins: ({ region }) => [API_ORIGINS[region], FILE_ORIGINS[region]],
  capabilities,
  door: { verify, parse, reply },
  way,
  reconciler,
};
