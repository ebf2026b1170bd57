import { jsonObjectIn } from "../../domain/json.ts";
import { everyKey } from "../../domain/rotating-secret.ts";
import { graphErrorIn } from "../../http/graph.ts";
import { withoutFile } from "../../http/media-place.ts";
import type { MediaPlace, MediaSource } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

const GRAPH = "https://graph.facebook.com";
/** Where Meta keeps the files of WhatsApp; it wants the same token. */
export const FILES = "https://lookaside.fbsbx.com";

/** Meta's code for an id that it does not know, or no longer: a file is kept for seven days. */
const UNKNOWN_ID = "100";

/**
 * https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media: the id is good for seven days, the address
 * that it is looked up by for five minutes. The address in a webhook is used only where there is no id.
 */
export const media: MediaSource<Settings, Secrets> = {
  async locate({ providerMediaId, url }, { settings, secrets }, { http }) {
    const [token] = everyKey(secrets.accessToken);
    if (!token) return { kind: "unavailable", detail: "no access token is set for this account" };
    const headers = { authorization: `Bearer ${token}` };
    const found = (place: string): MediaPlace => ({
      kind: "found",
      url: place,
      credentials: { origins: [GRAPH, FILES], headers },
    });
    if (providerMediaId === undefined) return url === undefined ? { kind: "gone", detail: "no id" } : found(url);
    const { graphVersion, phoneNumberId } = settings;
    const query = `phone_number_id=${phoneNumberId}`;
    const asked = `${GRAPH}/${graphVersion}/${encodeURIComponent(providerMediaId)}?${query}`;
    const answer = await http({ method: "GET", url: asked, headers });
    const body = answer.kind === "answer" ? jsonObjectIn(answer.body) : undefined;
    if (body && graphErrorIn(body)?.codes.includes(UNKNOWN_ID)) return { kind: "gone", detail: "unknown to Meta" };
    const fault = withoutFile(answer);
    if (fault) return fault;
    const { url: place, sha256, mime_type: contentType, file_size: size } = body ?? {};
    if (typeof place !== "string") return { kind: "unavailable", detail: "a look-up without an address" };
    return {
      ...found(place),
      ...(typeof sha256 === "string" && { sha256 }),
      ...(typeof contentType === "string" && { contentType }),
      // A number in practice, text in the documentation.
      ...(Number(size) > 0 && { size: Number(size) }),
    };
  },
};
