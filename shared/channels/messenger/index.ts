import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { media } from "./media.ts";
import { parse } from "./parse.ts";
import { profiles } from "./profile.ts";
import { reconciler } from "./reconcile.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { signal } from "./signal.ts";
import { challenge, reply, verify } from "./verify.ts";

/** Facebook Messenger, for one Page an account. */
export const messenger: Connector<Settings, Secrets> = {
  name: "messenger",
  channel: "messenger",
  vendor: { word: "GRAPH", origin: "https://graph.facebook.com", otherOrigins: ["https://scontent.xx.fbcdn.net"] },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { challenge, verify, parse, reply },
  sender: { render, send, signal },
  media,
  profiles,
  reconciler,
};
