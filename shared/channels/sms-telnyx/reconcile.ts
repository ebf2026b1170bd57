/**
 * Telnyx tells of one message at a time (https://developers.telnyx.com/api/messaging/get-message), and lists none: what
 * customers wrote cannot be asked for.
 */
import { isRecord } from "../../domain/raw-element.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { ask, denial } from "../../http/ask.ts";
import type { Parsed, Reconciler } from "../connector.ts";
import { errors } from "./errors.ts";
import { ofStatus } from "./parse.ts";
import { Payload } from "./payload.ts";
import { errorIn } from "./send.ts";
import type { Secrets, Settings } from "./settings.ts";

export const reconciler: Reconciler<Settings, Secrets> = {
  asksAboutOpen: true,
  async missed({ account, until, open }, http) {
    const [key] = everyKey(account.secrets.apiKey);
    const denied = (detail: string) => ({ parsed: [denial(account.name, "Telnyx", detail, until)], isComplete: false });
    if (!key) return denied("no API key is set");
    const provider = { http, headers: { authorization: `Bearer ${key}` }, errorIn, errors };
    const parsed: Parsed[] = [];
    for (const { providerMessageId: id, correlation } of open) {
      const answer = await ask(provider, `https://api.telnyx.com/v2/messages/${encodeURIComponent(id)}`);
      if (answer.kind === "denied") return denied(answer.detail);
      if (answer.kind === "unavailable") return { parsed, isComplete: false };
      if (answer.kind === "unknown") continue;
      const { data: raw } = answer.body;
      if (!isRecord(raw)) continue;
      const payload = Payload.parse(raw);
      const at = [raw.completed_at, raw.sent_at].find((time) => typeof time === "string");
      // It says of every message how far it has come; the event that told so is the one that ends it.
      const told = ofStatus({ id, payload, occurredAt: at, raw }, "message.finalized", undefined, [account]);
      const known = told.filter(({ happening }) => happening.type !== "account.alert");
      parsed.push(...known.map((one) => ({ ...one, correlation })));
    }
    return { parsed, isComplete: true };
  },
};
