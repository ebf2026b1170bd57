/** How each connector's customers are named, apart from the registry: whoever only opens a conversation carries no connector's code. */
import type { Addressing } from "./connector.ts";
import { addressing as instagram } from "./instagram/address.ts";
import { addressing as messenger } from "./messenger/address.ts";
import type { ConnectorName } from "./registry.ts";
import { addressing as smsAws } from "./sms-aws/address.ts";
import { addressing as smsTelnyx } from "./sms-telnyx/address.ts";
import { addressing as smsTwilio } from "./sms-twilio/address.ts";
import { addressing as smsVonage } from "./sms-vonage/address.ts";
import { addressing as whatsappAws } from "./whatsapp-aws/address.ts";
import { addressing as whatsappCloud } from "./whatsapp-cloud/address.ts";

export const addressing: Readonly<Record<ConnectorName, Addressing>> = {
  "whatsapp-cloud": whatsappCloud,
  "whatsapp-aws": whatsappAws,
  messenger,
  instagram,
  "sms-twilio": smsTwilio,
  "sms-vonage": smsVonage,
  "sms-telnyx": smsTelnyx,
  "sms-aws": smsAws,
};
