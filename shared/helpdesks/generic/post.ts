import type { Envelope } from "../../domain/envelope.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { signatureHeaders } from "../../http/standard-webhooks.ts";
import type { Http } from "../../ports.ts";
import { ask, harmless, notNow } from "../ask.ts";
import type { Desk, EventWay, PostOutcome } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Of an address to which every event goes, these say as little of the one event as any other that the desk is ill. */
const NOT_THERE: ReadonlySet<number | undefined> = new Set([404, 409, 410]);

export const way: EventWay<Settings, Secrets> = { post };

/** The envelope as it is, under the event's id: whoever gets it twice knows it again. */
async function post(
  envelope: Envelope,
  desk: Desk<Settings, Secrets>,
  { http, now }: { http: Http; now: number },
): Promise<PostOutcome> {
  const keys = everyKey(desk.secrets.webhookSecret);
  if (keys.length === 0) return { kind: "unavailable", detail: "no webhook secret is set" };
  const body = JSON.stringify(envelope);
  const headers = {
    "content-type": "application/cloudevents+json",
    ...signatureHeaders({ id: envelope.id, now, body }, keys),
  };
  const asked = await ask(http, { method: "POST", url: desk.settings.url, headers, body });
  if (asked.isOk) return { kind: "posted" };
  return NOT_THERE.has(asked.status) ? notNow(asked.outcome) : harmless(asked.outcome);
}
