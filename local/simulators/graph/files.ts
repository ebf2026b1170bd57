/** Where Meta keeps the files of its customers: WhatsApp's behind a token, those of Messenger and Instagram signed. */
import { randomBytes } from "node:crypto";
import type { CustomerFile, Files } from "../files.ts";
import type { Answer, Incoming } from "../http.ts";
import { ok } from "../simulator.ts";
import { badToken, metaError, unknownMedia } from "./errors.ts";

const LINK_LIFE_MS = 5 * 60_000;
const WHATSAPP_PATH = "/whatsapp_business/attachments/";
const INSTAGRAM_PATH = "/ig_messaging_cdn/";
const MESSENGER_PATH = "/v/t1.15752-9/";

const GONE: Answer = { status: 404, body: { error: "Not Found" } };
const UNSIGNED: Answer = { status: 403, headers: { "content-type": "text/plain" }, body: "URL signature expired" };

/** @param tokens of the numbers that may look a file up and fetch it */
export function createGraphFiles(files: Files, tokens: readonly string[]) {
  /** Hash of a link → when it dies, ms since 1970. */
  const links = new Map<string, number>();

  /** `GET /<version>/<media id>`: every look-up gives a link of its own. */
  function lookUp(id: string): Answer {
    const file = files.find(id);
    if (!file) return metaError(unknownMedia(id));
    const hash = randomBytes(24).toString("base64url");
    const dies = Date.now() + LINK_LIFE_MS;
    links.set(hash, dies);
    const query = new URLSearchParams({ mid: id, source: "getMedia", ext: String(Math.floor(dies / 1000)), hash });
    return ok({
      url: `https://lookaside.fbsbx.com${WHATSAPP_PATH}?${query}`,
      mime_type: file.contentType,
      // In hexadecimal here, in base64 in the webhook.
      sha256: file.sha256.toString("hex"),
      file_size: file.bytes.length,
      id,
      messaging_product: "whatsapp",
    });
  }

  /** What lies at an address that is none of the API; undefined for any other. */
  async function give(request: Incoming, token: string | undefined): Promise<Answer | undefined> {
    const { method, path, query } = request;
    if (method !== "GET") return undefined;
    if (path === WHATSAPP_PATH) {
      const file = files.find(query.get("mid") ?? "");
      if (token === undefined || !tokens.includes(token)) return metaError(badToken);
      const isAlive = (links.get(query.get("hash") ?? "") ?? 0) > Date.now();
      return file && isAlive ? files.give(file, GONE) : GONE;
    }
    const id = path === INSTAGRAM_PATH ? query.get("asset_id") : /^\/v\/t1\.15752-9\/(\d+)_n$/.exec(path)?.[1];
    if (!id) return undefined;
    const file = files.find(id);
    const isSigned = query.get(path === INSTAGRAM_PATH ? "signature" : "oh") === signature(id);
    return file && isSigned ? files.give(file, UNSIGNED) : UNSIGNED;
  }

  return { lookUp, give };
}

export function messengerUrl({ id }: CustomerFile): string {
  return `https://scontent.xx.fbcdn.net${MESSENGER_PATH}${id}_n?_nc_cat=1&oh=${signature(id)}`;
}

export function instagramUrl({ id }: CustomerFile): string {
  return `https://lookaside.fbsbx.com${INSTAGRAM_PATH}?asset_id=${id}&signature=${signature(id)}`;
}

/** Hides nothing: it only has to be there. */
function signature(id: string): string {
  return `00_${Buffer.from(id).toString("hex")}`;
}
