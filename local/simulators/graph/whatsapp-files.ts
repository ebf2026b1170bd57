import type { WantedFile } from "../fetch-media.ts";
import type { WhatsAppSend } from "./whatsapp-request.ts";

const MB = 1_000_000;
/** What WhatsApp takes of each kind, and how much of it. */
const TAKEN: Record<string, Omit<WantedFile, "url">> = {
  image: { types: /^image\/(jpeg|png)\b/, largestBytes: 5 * MB },
  video: { types: /^video\/(mp4|3gpp)\b/, largestBytes: 16 * MB },
  audio: { types: /^audio\/(aac|amr|mpeg|mp4|ogg)\b/, largestBytes: 16 * MB },
  document: { types: /./, largestBytes: 100 * MB },
  sticker: { types: /^image\/webp\b/, largestBytes: 0.5 * MB },
};

/** The files that a send names by a link, wherever it does: of the message, of a header, of a card. */
export function linkedFiles(send: WhatsAppSend): WantedFile[] {
  return filesIn(send);
}

function filesIn(value: unknown): WantedFile[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const taken = TAKEN[name];
    const link = taken && typeof inner === "object" && inner !== null ? Reflect.get(inner, "link") : undefined;
    return taken && typeof link === "string" && URL.canParse(link) ? [{ ...taken, url: link }] : filesIn(inner);
  });
}
