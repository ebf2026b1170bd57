/**
 * WhatsApp's webhooks as AWS End User Messaging Social publishes them: SNS's notification around AWS's message around one
 * entry of Meta's, each a string of JSON inside the other. What the entry says is read by the platform.
 */
import { readNotification, unwrapped } from "../../http/notification.ts";
import { readEntries } from "../../whatsapp-platform/read-entries.ts";
import type { Account, ParseResult, WebhookRequest } from "../connector.ts";
import { Message } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export function parse({ body }: WebhookRequest, accounts: readonly Account<Settings, Secrets>[]): ParseResult {
  const notification = readNotification(body);
  if (!notification) return { ok: false, reason: "the notification is not JSON" };
  const entries = entriesIn(notification.message);
  if (entries.length === 0) return { ok: false, reason: "the notification carries no WhatsApp webhook" };
  const numbers = accounts.map(({ name, settings }) => ({ account: name, ...settings }));
  return { ok: true, parsed: readEntries(entries, numbers) };
}

/** One entry as AWS writes it; several, or none around, are forms that its documentation has or had elsewhere. */
function entriesIn(message: unknown): readonly unknown[] {
  const { whatsAppWebhookEntry, changes, entry } = Message.safeParse(message).data ?? {};
  if (whatsAppWebhookEntry !== undefined) {
    const told = unwrapped(whatsAppWebhookEntry);
    return Message.safeParse(told).data?.entry ?? [told].flat();
  }
  return entry ?? (changes ? [message] : []);
}
