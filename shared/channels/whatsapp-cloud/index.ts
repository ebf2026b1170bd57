import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { FILES, media } from "./media.ts";
import { parse } from "./parse.ts";
import { reconciler } from "./reconcile.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { signal } from "./signal.ts";
import { challenge, reply, verify } from "./verify.ts";

/** WhatsApp by Meta's Cloud API. */
export const whatsappCloud: Connector<Settings, Secrets> = {
  name: "whatsapp-cloud",
  channel: "whatsapp",
  vendor: { word: "GRAPH", origin: "https://graph.facebook.com", otherOrigins: [FILES] },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { challenge, verify, parse, reply },
  sender: { render, send, signal },
  media,
  reconciler,
};
