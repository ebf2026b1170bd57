/** Meta's WhatsApp webhooks, as they come from Meta itself; what their entries say is read by the platform. */
import { jsonIn } from "../../domain/json.ts";
import { readEntries } from "../../whatsapp-platform/read-entries.ts";
import type { Account, ParseResult, WebhookRequest } from "../connector.ts";
import { Envelope } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export function parse(request: WebhookRequest, accounts: readonly Account<Settings, Secrets>[]): ParseResult {
  const body = jsonIn(request.body);
  if (body === undefined) return { ok: false, reason: "the body is not JSON" };
  const { object, entry } = Envelope.safeParse(body).data ?? {};
  if (object !== "whatsapp_business_account" || !entry)
    return { ok: false, reason: "the body is not a WhatsApp webhook" };
  const numbers = accounts.map(({ name, settings }) => ({ account: name, ...settings }));
  return { ok: true, parsed: readEntries(entry, numbers) };
}
