import type { Envelope } from "../../domain/envelope.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { signatureHeaders } from "../../http/standard-webhooks.ts";
import type { Http } from "../../ports.ts";
import type { Desk, EventWay, PostOutcome } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Says that the desk itself is wrong, or not there; the event is not at fault and keeps. */
const NOT_OURS = new Set([401, 402, 403, 404, 405, 407, 408, 409, 410, 423, 425, 451]);
const SHORT_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 900;

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
  const answer = await http({ method: "POST", url: desk.settings.url, headers, body });
  if (answer.kind === "not_sent") return { kind: "unavailable", detail: answer.detail };
  if (answer.kind === "interrupted") return { kind: "uncertain", detail: answer.detail };
  const { status } = answer;
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { kind: "posted" };
  if (status === 429) {
    const asked = Number(answer.headers["retry-after"] ?? SHORT_WAIT_SECONDS) || SHORT_WAIT_SECONDS;
    return { kind: "throttled", retryAfterSeconds: Math.min(Math.max(asked, 1), LONGEST_WAIT_SECONDS), detail };
  }
  const isRefused = status >= 400 && status < 500 && !NOT_OURS.has(status);
  return { kind: isRefused ? "refused" : "unavailable", detail };
}
