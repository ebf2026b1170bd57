/**
 * Meta's history of what became of a message (`message_history` in its API description of the phone number). It tells of
 * the business's own messages alone: what customers wrote cannot be asked for.
 */
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { ask, denial } from "../../http/ask.ts";
import { graphErrorIn } from "../../http/graph.ts";
import { errors } from "../../whatsapp-platform/errors.ts";
import { ofStatus } from "../../whatsapp-platform/statuses.ts";
import type { Parsed, Reconciler } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

const FIELDS = "message_id,events{delivery_status,timestamp}";

export const reconciler: Reconciler<Settings, Secrets> = {
  asksAboutOpen: true,
  async missed({ account, until, open }, http) {
    const { name, settings, secrets } = account;
    const [token] = everyKey(secrets.accessToken);
    const denied = (detail: string) => ({ parsed: [denial(name, "WhatsApp", detail, until)], isComplete: false });
    if (!token) return denied("no access token is set");
    const provider = { http, headers: { authorization: `Bearer ${token}` }, errorIn: graphErrorIn, errors };
    const parsed: Parsed[] = [];
    // In a group everyone has receipts of their own, and the history does not say whose it tells.
    for (const { providerMessageId, correlation } of open.filter(({ to }) => !to.startsWith("group:"))) {
      const query = new URLSearchParams({ message_id: providerMessageId, fields: FIELDS });
      const answer = await ask(
        provider,
        `https://graph.facebook.com/${settings.graphVersion}/${settings.phoneNumberId}/message_history?${query}`,
      );
      if (answer.kind === "denied") return denied(answer.detail);
      if (answer.kind === "unavailable") return { parsed, isComplete: false };
      if (answer.kind === "unknown") continue;
      const statuses = eventsIn(answer.body, providerMessageId).map((event) => ({
        id: providerMessageId,
        status: String(event.delivery_status).toLowerCase(),
        timestamp: event.timestamp,
        biz_opaque_callback_data: correlation,
      }));
      const told = statuses.map((status) => ofStatus(status, { account: name }));
      // `DELETED` is no word of a webhook.
      parsed.push(...told.filter(({ happening }) => happening.type !== "account.alert"));
    }
    return { parsed, isComplete: true };
  },
};

function eventsIn({ data }: Record<string, unknown>, id: string): Record<string, unknown>[] {
  const histories = Array.isArray(data) ? data.filter(isRecord) : [];
  return histories
    .filter(({ message_id: about }) => about === id)
    .flatMap(({ events }) => (isRecord(events) && Array.isArray(events.data) ? events.data.filter(isRecord) : []));
}
