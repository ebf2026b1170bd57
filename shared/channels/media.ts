/** How to come by the files of each connector, apart from the registry: whoever fetches files carries nothing else. */
import type { MediaSource } from "./connector.ts";
import { media as instagram } from "./instagram/media.ts";
import { media as messenger } from "./messenger/media.ts";
import type { ConnectorName } from "./registry.ts";
import { media as smsTelnyx } from "./sms-telnyx/media.ts";
import { media as smsTwilio } from "./sms-twilio/media.ts";
import { media as smsVonage } from "./sms-vonage/media.ts";
import { media as whatsappAws } from "./whatsapp-aws/media.ts";
import { media as whatsappCloud } from "./whatsapp-cloud/media.ts";

export const mediaSources: Readonly<Partial<Record<ConnectorName, MediaSource>>> = {
  "whatsapp-cloud": whatsappCloud,
  "whatsapp-aws": whatsappAws,
  messenger,
  instagram,
  "sms-twilio": smsTwilio,
  "sms-vonage": smsVonage,
  "sms-telnyx": smsTelnyx,
};
