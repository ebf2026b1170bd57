/** Files: as they are, as another kind of file, or as a link; and captions, which not every channel has. */
import type { Limits } from "./capabilities.ts";
import { takes } from "./fit-limits.ts";
import { asText, fitText, lines } from "./fit-text.ts";
import { asItIs, type Carries, changed, type Fitted, type Of, together } from "./fitted.ts";
import { LINK_DAYS, placeholderOf } from "./media-link.ts";

export type MediaContent = Of<"image" | "video" | "audio" | "document" | "sticker">;

export function fitMedia(content: MediaContent, carries: Carries): Fitted {
  const limits = carries[content.type];
  if (limits && takes(limits, content.media)) return withCaption(content, limits, carries);

  // A file that is no picture to this channel may still be a document to it.
  if (content.type === "sticker" && carries.image && takes(carries.image, content.media)) {
    const { animated: _, type: __, ...rest } = content;
    return changed(fitMedia({ ...rest, type: "image" }, carries), {
      code: "as_image",
      text: "The sticker goes out as a picture.",
    });
  }
  if (content.type !== "document" && carries.document && takes(carries.document, content.media)) {
    const { media, caption } = content;
    const text = `The ${content.type} goes out as a document: the channel does not take this file as ${articled(content.type)}.`;
    const document: Of<"document"> = { type: "document", media, ...(caption !== undefined && { caption }) };
    return changed(fitMedia(document, carries), { code: "as_document", text });
  }

  const { id, fileName } = content.media;
  const url = id === undefined ? content.media.url : placeholderOf(id);
  if (url === undefined) {
    const text = `The ${content.type} has no address that this channel could fetch it from.`;
    return { kind: "refused", code: "not_carried", text };
  }
  const text = lines(content.caption, fileName === undefined ? url : `${fileName}: ${url}`);
  const words = `This channel does not take the file: the ${content.type} goes out as a link.`;
  const life = id === undefined ? "" : ` The link opens for ${LINK_DAYS} days.`;
  return asText(text, `${words}${life}`, carries, "as_link");
}

function withCaption(content: MediaContent, limits: Limits, carries: Carries): Fitted {
  const { caption, ...alone } = content;
  if (caption === undefined || caption.trim() === "") return asItIs(alone);
  const { longestCaption = 0, longestCaptionBytes } = limits;
  const isShort =
    longestCaptionBytes === undefined
      ? caption.length <= longestCaption
      : Buffer.byteLength(caption) <= longestCaptionBytes;
  if (isShort) return asItIs(content);
  const text = `The caption goes out as a message of its own, after the ${content.type}.`;
  return changed(together([asItIs(alone), fitText({ type: "text", text: caption }, carries)]), {
    code: "caption_apart",
    text,
  });
}

function articled(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
