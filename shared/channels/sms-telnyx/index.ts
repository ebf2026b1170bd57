import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { media } from "./media.ts";
import { parse } from "./parse.ts";
import { reconciler } from "./reconcile.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** SMS and MMS by Telnyx. */
export const smsTelnyx: Connector<Settings, Secrets> = {
  name: "sms-telnyx",
  channel: "sms",
  vendor: { word: "TELNYX", origin: "https://api.telnyx.com", otherOrigins: ["https://media.telnyx.com"] },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { verify, parse, reply },
  sender: { render, send },
  media,
  reconciler,
};
