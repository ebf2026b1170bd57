/** What a customer of Messenger or Instagram does, as the element of `messaging[]` that tells of it. */
import * as z from "zod";

const KINDS = [
  "text",
  "image",
  "video",
  "audio",
  "file",
  "sticker",
  "location",
  "share",
  "quick_reply",
  "postback",
  "referral",
  "reaction",
  "edit",
  "unsend",
  "story_reply",
  "story_mention",
  "unsupported",
  "page_inbox",
] as const;

/** Somebody writes to a Page or an Instagram account, which the caller names. */
export const Writing = z.strictObject({
  /** The page-scoped or Instagram-scoped id. */
  from: z.string().min(1),
  /** What they are called from now on; null: nobody may see their profile. Unless it was said, nothing is told of them. */
  name: z.string().min(1).nullable().optional(),
  /** What is said, the title that is tapped, the emoji of a reaction. */
  text: z.string().optional(),
  kind: z.enum(KINDS).optional(),
  /** The mid that is answered, reacted to, edited or taken back. */
  replyTo: z.string().optional(),
  /** Of a file, a share or a story. */
  url: z.url().optional(),
  /** What a button or a quick reply carries, the word in a link. */
  payload: z.string().optional(),
  /** An element in Meta's own form; what it leaves out of sender, recipient and time is filled in. */
  element: z.record(z.string(), z.unknown()).optional(),
  /** How long ago it was written. */
  secondsAgo: z.number().int().nonnegative().default(0),
});
export type Writing = z.output<typeof Writing>;

export type Kind = (typeof KINDS)[number];

const STICKER_ID = 369239263222822;

/** `mid` is the id of a new message; kinds that make none leave it out. @param fileUrl where a file of this type lies */
export function elementOf(
  kind: Kind,
  mid: string,
  { text = "", replyTo, url, payload }: Writing,
  fileUrl: (contentType: string) => string,
): object {
  const answered = replyTo ? { reply_to: { mid: replyTo } } : {};
  const said = text ? { text } : {};
  const about = replyTo ?? mid;
  const sent = (attachment: object) => ({ message: { mid, ...said, attachments: [attachment], ...answered } });
  switch (kind) {
    case "text":
      return { message: { mid, text, ...answered } };
    case "image":
    case "video":
    case "audio":
    case "file":
      return sent({ type: kind, payload: { url: url ?? fileUrl(FILES[kind]) } });
    case "sticker":
      return sent({
        type: "sticker",
        payload: { url: url ?? fileUrl("image/png"), sticker_id: STICKER_ID },
      });
    case "location":
      return sent({ type: "location", title: "Rossio", payload: { coordinates: { lat: 38.7139, long: -9.1394 } } });
    case "share":
      return sent({ type: "share", payload: { url: url ?? "https://www.example.com/p/1" } });
    case "quick_reply":
      return { message: { mid, text: text || "Yes", quick_reply: { payload: payload ?? "YES" } } };
    case "postback":
      return { postback: { mid, title: text || "Get Started", payload: payload ?? "GET_STARTED" } };
    case "referral":
      return { referral: { ref: payload ?? "summer", source: "SHORTLINK", type: "OPEN_THREAD" } };
    case "reaction":
      return { reaction: { mid: about, action: "react", reaction: "other", emoji: text || "❤" } };
    case "edit":
      return { message_edit: { mid: about, text, num_edit: 1 } };
    case "unsend":
      return { message: { mid: about, is_deleted: true } };
    case "story_reply": {
      const story = { id: "17900000000000001", url: url ?? "https://scontent.example/stories/1" };
      return { message: { mid, text, reply_to: { story } } };
    }
    case "story_mention":
      return sent({ type: "story_mention", payload: { url: url ?? "https://scontent.example/stories/2" } });
    case "unsupported":
    // Not the customer's: whoever calls says whose it is.
    case "page_inbox":
      return { message: { mid, is_unsupported: true } };
  }
}

const FILES = { image: "image/jpeg", video: "video/mp4", audio: "audio/mp4", file: "application/pdf" };
