import type { Connector } from "../connector.ts";
import { capabilities } from "./capabilities.ts";
import { media } from "./media.ts";
import { parse } from "./parse.ts";
import { render } from "./render.ts";
import { send } from "./send.ts";
import { type Secrets, Settings, secrets } from "./settings.ts";
import { signal } from "./signal.ts";
import { reply, verify } from "./verify.ts";

/** WhatsApp by AWS End User Messaging Social. */
export const whatsappAws: Connector<Settings, Secrets> = {
  name: "whatsapp-aws",
  channel: "whatsapp",
  vendor: { word: "SOCIALMESSAGING", origin: "aws://social-messaging" },
  settings: Settings,
  secrets,
  capabilities,
  receiver: { verify, parse, reply },
  sender: { render, signal, send },
  transport: "sns",
  media,
};
