/** The body of Meta's `messages` call by which a customer sees that we have read, or are writing; either marks as read. */
import type { Signalling } from "../channels/connector.ts";

export function signalBody({ signal, providerMessageId }: Omit<Signalling, "settings">): Record<string, unknown> {
  return {
    messaging_product: "whatsapp",
    status: "read",
    message_id: providerMessageId,
    ...(signal === "typing" && { typing_indicator: { type: "text" } }),
  };
}
