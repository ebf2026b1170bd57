import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { media } from "./media.ts";
import { parse } from "./parse.ts";
import { reconciler } from "./reconcile.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** SMS by Twilio's Programmable Messaging. */
export const smsTwilio: Connector<Settings, Secrets> = {
  name: "sms-twilio",
  channel: "sms",
  vendor: { word: "TWILIO", origin: "https://api.twilio.com", otherOrigins: ["https://media.twiliocdn.com"] },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { verify, parse, reply },
  sender: { render, send },
  media,
  reconciler,
};
