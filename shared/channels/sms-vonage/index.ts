import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { FILES, media } from "./media.ts";
import { parse } from "./parse.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** SMS and MMS by Vonage's Messages API; webhooks also in the form of its older SMS API. */
export const smsVonage: Connector<Settings, Secrets> = {
  name: "sms-vonage",
  channel: "sms",
  vendor: { word: "VONAGE", origin: "https://api.nexmo.com", otherOrigins: FILES },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { verify, parse, reply },
  sender: { render, send },
  media,
};
