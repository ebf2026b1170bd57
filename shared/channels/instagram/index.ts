import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { media } from "./media.ts";
import { parse } from "./parse.ts";
import { profiles } from "./profile.ts";
import { reconciler } from "./reconcile.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { INSTAGRAM_LOGIN_HOST, type Secrets, Settings, secrets } from "./settings.ts";
import { signal } from "./signal.ts";
import { challenge, reply, verify } from "./verify.ts";

/** Instagram direct messages, for one professional account each. */
export const instagram: Connector<Settings, Secrets> = {
  name: "instagram",
  channel: "instagram",
  vendor: {
    word: "GRAPH",
    origin: "https://graph.facebook.com",
    otherOrigins: [`https://${INSTAGRAM_LOGIN_HOST}`, "https://lookaside.fbsbx.com"],
  },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { challenge, verify, parse, reply },
  sender: { render, send, signal },
  media,
  profiles,
  reconciler,
};
