/** What every connector carries, apart from the registry: whoever only plans a message carries no connector's code. */
import type { Capabilities } from "../domain/capabilities.ts";
import { capabilities as instagram } from "./instagram/capabilities.ts";
import { capabilities as messenger } from "./messenger/capabilities.ts";
import type { ConnectorName } from "./registry.ts";
import { capabilities as smsAws } from "./sms-aws/capabilities.ts";
import { capabilities as smsTelnyx } from "./sms-telnyx/capabilities.ts";
import { capabilities as smsTwilio } from "./sms-twilio/capabilities.ts";
import { capabilities as smsVonage } from "./sms-vonage/capabilities.ts";
import { capabilities as whatsappAws } from "./whatsapp-aws/capabilities.ts";
import { capabilities as whatsappCloud } from "./whatsapp-cloud/capabilities.ts";

export const capabilities: Readonly<Record<ConnectorName, Capabilities>> = {
  "whatsapp-cloud": whatsappCloud,
  "whatsapp-aws": whatsappAws,
  messenger,
  instagram,
  "sms-twilio": smsTwilio,
  "sms-vonage": smsVonage,
  "sms-telnyx": smsTelnyx,
  "sms-aws": smsAws,
};
