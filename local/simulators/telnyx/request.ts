/** What `POST /v2/messages` takes, and Telnyx's refusals. */
import { SegmentedMessage } from "sms-segments-calculator";
import * as z from "zod";
import type { WantedFile } from "../fetch-media.ts";
import type { Answer } from "../http.ts";
import { telnyxError } from "./errors.ts";

const MOST_PARTS = 10;
const MOST_MEDIA = 10;

const Body = z.looseObject({
  to: z.string(),
  from: z.string().optional(),
  messaging_profile_id: z.string().optional(),
  text: z.string().optional(),
  type: z.enum(["SMS", "MMS"]).optional(),
  media_urls: z.array(z.url({ protocol: /^https?$/ })).optional(),
  webhook_url: z.url({ protocol: /^https?$/ }).optional(),
});

export interface Send {
  type: "SMS" | "MMS";
  to: string;
  from: string;
  text: string;
  mediaUrls: string[];
  parts: number;
  webhookUrl: string | undefined;
}

export function checkSend(
  body: unknown,
  { numbers, profileId }: { numbers: readonly string[]; profileId: string },
): { send: Send } | { refused: Answer } {
  const refused = (code: number) => ({ refused: telnyxError(422, code) });
  const checked = Body.safeParse(body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return { refused: telnyxError(400, 10015, `${issue?.path.join(".") || "body"}: ${issue?.message}`) };
  }
  const { to, text = "", type: wanted, media_urls: mediaUrls = [], webhook_url: webhookUrl } = checked.data;
  if (!/^(\+[1-9]\d{6,14}|\d{3,8})$/.test(to)) return refused(40310);
  const isPool = checked.data.from === undefined && checked.data.messaging_profile_id === profileId;
  const from = isPool ? numbers[0] : numbers.find((number) => number === checked.data.from);
  if (from === undefined) return refused(40305);
  const type = mediaUrls.length > 0 ? "MMS" : "SMS";
  if (wanted !== undefined && wanted !== type) return refused(40304);
  if (text === "" && mediaUrls.length === 0) return refused(40316);
  if (mediaUrls.length > MOST_MEDIA) return refused(40317);
  const parts = type === "MMS" ? 1 : new SegmentedMessage(text).segmentsCount;
  if (parts > MOST_PARTS) return refused(40302);
  return { send: { type, to, from, text, mediaUrls, parts, webhookUrl } };
}

/** The files of an MMS: all of them together stay below a megabyte, so each does. */
export function filesOf({ mediaUrls }: Send): WantedFile[] {
  const taken = { types: /^(image|audio|video|text)\/|^application\/pdf\b/, largestBytes: 1_000_000 };
  return mediaUrls.map((url) => ({ ...taken, url }));
}
