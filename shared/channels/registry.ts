import { instagram } from "./instagram/index.ts";
import { messenger } from "./messenger/index.ts";
import { smsAws } from "./sms-aws/index.ts";
import { smsTelnyx } from "./sms-telnyx/index.ts";
import { smsTwilio } from "./sms-twilio/index.ts";
import { smsVonage } from "./sms-vonage/index.ts";
import { whatsappAws } from "./whatsapp-aws/index.ts";
import { whatsappCloud } from "./whatsapp-cloud/index.ts";

/** Every connector there is; its key is its folder, its name in the configuration and its path below `/webhooks/`. */
export const connectors = {
  "whatsapp-cloud": whatsappCloud,
  "whatsapp-aws": whatsappAws,
  messenger,
  instagram,
  "sms-twilio": smsTwilio,
  "sms-vonage": smsVonage,
  "sms-telnyx": smsTelnyx,
  "sms-aws": smsAws,
} as const;
export type ConnectorName = keyof typeof connectors;
