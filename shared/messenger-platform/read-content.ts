/** What a message of the Messenger Platform says, as content of ours: one for each thing in it, in order. */
import type { Content } from "../domain/content.ts";
import { isRecord, keptRaw } from "../domain/raw-element.ts";
import { Attachment, type Message } from "./payload.ts";

/** @param raw the element around the message, kept whole where nothing can be made of it; gives one content or more */
export function contentsOf(message: Message, raw: unknown): Content[] {
  const { text, attachments = [] } = message;
  if (message.is_unsupported === true) return [unsupported("is_unsupported", raw)];
  if (message.quick_reply !== undefined) return [chosen(message, raw)];
  const read = attachments.map((one) => ({ raw: one, attachment: Attachment.safeParse(one).data ?? {} }));
  const contents = withoutTwins(read)
    // The preview of a link that the text says already.
    .filter(({ attachment }) => !(text && attachment.type === "fallback"))
    .map((one) => ofAttachment(one.attachment, one.raw));
  if (contents.length === 0) return [text === undefined ? unsupported("message", raw) : { type: "text", text }];
  if (!text) return contents;
  const captioned = contents.findIndex((content) => "media" in content);
  if (captioned === -1) return [{ type: "text", text }, ...contents];
  return contents.map((content, index) => (index === captioned ? { ...content, caption: text } : content));
}

/** `payload` is missing where another app sent the buttons: then the title is all there is to know it by. */
export function choice(payload: string | undefined, title: string | undefined): Content | undefined {
  const [id, shown] = [payload ?? title, title ?? payload];
  return id !== undefined && shown !== undefined ? { type: "choice", id, title: shown } : undefined;
}

export function unsupported(reason: string, raw: unknown): Content {
  return { type: "unsupported", reason: reason.slice(0, 60), raw: keptRaw(raw) };
}

function chosen({ text, quick_reply: reply }: Message, raw: unknown): Content {
  const payload = isRecord(reply) && typeof reply.payload === "string" ? reply.payload : undefined;
  const content = isRecord(reply) ? choice(payload, text) : undefined;
  return content ?? unsupported("quick_reply", raw);
}

/** The webhook does not say which type a file has; whoever fetches it will know. */
const MEDIA = {
  image: { type: "image", contentType: "image/*" },
  video: { type: "video", contentType: "video/*" },
  audio: { type: "audio", contentType: "audio/*" },
  file: { type: "document", contentType: "application/octet-stream" },
  sticker: { type: "sticker", contentType: "image/*" },
} as const;

/** Posts and reels of others, under all the names that they have had. */
const SHARES = new Set(["fallback", "share", "post", "ig_post", "reel", "ig_reel"]);

/** A story of the customer that names the business, and one that was passed on. */
const STORIES = new Map([
  ["story_mention", "mention"],
  ["ig_story", "share"],
]);

function ofAttachment(attachment: Attachment, raw: unknown): Content {
  const { type = "message", payload = {} } = attachment;
  const url = payload.url ?? attachment.url;
  const title = payload.title ?? attachment.title;
  const medium = mediumOf(type, payload.sticker_id);
  if (medium && url !== undefined) {
    const fileName = medium.type === "document" && title !== undefined ? { fileName: title } : {};
    return { type: medium.type, media: { url, contentType: medium.contentType, ...fileName } };
  }
  const { coordinates } = payload;
  if (type === "location" && coordinates) {
    const { lat: latitude, long: longitude } = coordinates;
    const words = { ...(title !== undefined && { name: title }), ...(url !== undefined && { url }) };
    return { type: "location", latitude, longitude, ...words };
  }
  const story = STORIES.get(type);
  if (story !== undefined) return { type: "story", kind: story, ...(url !== undefined && { url }) };
  if (SHARES.has(type) && (url !== undefined || title !== undefined)) {
    return { type: "share", ...(url !== undefined && { url }), ...(title !== undefined && { title }) };
  }
  return unsupported(type, raw);
}

/** Older stickers are images with the id of a sticker. */
function mediumOf(type: string, stickerId: unknown) {
  if (type === "image" && stickerId !== undefined) return MEDIA.sticker;
  return Object.hasOwn(MEDIA, type) ? MEDIA[type as keyof typeof MEDIA] : undefined;
}

/** For a time Meta sends what got a kind of its own under its former kind too. */
const FORMER_KINDS = new Map([
  ["sticker", "image"],
  ["ig_post", "share"],
]);

/** Drops one twin for each of them: the one that is plainly the same, else the first, since none is sent with others. */
function withoutTwins<Read extends { attachment: Attachment }>(read: readonly Read[]): Read[] {
  const left = [...read];
  for (const { attachment } of read) {
    const former = FORMER_KINDS.get(attachment.type ?? "");
    const twins = left.filter(({ attachment: { type } }) => former !== undefined && type === former);
    const twin = twins.find((one) => isSame(one.attachment, attachment)) ?? twins[0];
    if (twin) left.splice(left.indexOf(twin), 1);
  }
  return left;
}

function isSame({ payload: one }: Attachment, { payload: other }: Attachment): boolean {
  const isSameSticker = one?.sticker_id !== undefined && one.sticker_id === other?.sticker_id;
  return isSameSticker || (one?.url !== undefined && one.url === other?.url);
}
