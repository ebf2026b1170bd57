import { everyKey } from "../../domain/rotating-secret.ts";
import { withoutFile } from "../../http/media-place.ts";
import type { MediaSource } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

const API = "https://api.twilio.com";

/**
 * https://www.twilio.com/docs/messaging/api/media-resource: the address in a webhook is one of the API, which sends on
 * to where the file lies. It may answer 404 for a while, because the webhook can be quicker than the file.
 */
export const media: MediaSource<Settings, Secrets> = {
  async locate({ url }, { secrets }, { http }) {
    if (url === undefined) return { kind: "gone", detail: "no address" };
    if (URL.parse(url)?.origin !== API) return { kind: "found", url };
    const [key] = everyKey(secrets.apiKey);
    const [secret] = everyKey(secrets.apiSecret);
    if (!key || !secret) return { kind: "unavailable", detail: "no API key is set for this account" };
    const headers = { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}` };
    const answer = await http({ method: "GET", url, headers });
    const place = answer.kind === "answer" && answer.status < 400 ? answer.headers.location : undefined;
    const moved = place === undefined ? null : URL.parse(place, url);
    // No credentials: they are for the API alone.
    if (moved) return { kind: "found", url: moved.href };
    const fault = withoutFile(answer);
    if (fault?.kind === "gone") return { kind: "unavailable", detail: "not there yet, or deleted" };
    // The file itself was the answer, or more of it than fits into one.
    if (!fault || (answer.kind === "interrupted" && answer.detail === "answer over 1 MB"))
      return { kind: "found", url, credentials: { origins: [API], headers } };
    return fault;
  },
};
