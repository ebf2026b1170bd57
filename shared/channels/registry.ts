import { messenger } from "./messenger/index.ts";
import { smsTwilio } from "./sms-twilio/index.ts";
import { whatsappCloud } from "./whatsapp-cloud/index.ts";

/** Every connector there is; its key is its folder, its name in the configuration and its path below `/webhooks/`. */
export const connectors = {
  "whatsapp-cloud": whatsappCloud,
  messenger,
  "sms-twilio": smsTwilio,
} as const;
export type ConnectorName = keyof typeof connectors;
