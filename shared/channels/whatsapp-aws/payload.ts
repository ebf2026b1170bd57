/** What AWS wraps around WhatsApp's entries (shared/whatsapp-platform/payload.ts). Older forms leave some of it out. */
import * as z from "zod/mini";
import { list } from "../../whatsapp-platform/payload.ts";

export const Message = z.object({
  /** One entry of Meta's, as JSON in a string. */
  whatsAppWebhookEntry: z.optional(z.unknown()),
  /** An entry itself, or Meta's whole webhook. */
  changes: list,
  entry: list,
});
