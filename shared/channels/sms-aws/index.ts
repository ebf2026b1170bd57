import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { parse } from "./parse.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { reply, verify } from "./verify.ts";

/** SMS by AWS End User Messaging SMS. */
export const smsAws: Connector<Settings, Secrets> = {
  name: "sms-aws",
  channel: "sms",
  vendor: { word: "SMSVOICE", origin: "aws://sms-voice" },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { verify, parse, reply },
  sender: { render, send },
  transport: "sns",
};
