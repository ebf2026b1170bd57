/** What `POST /v1/messages` takes, and Vonage's refusals. */
import * as z from "zod";
import type { WantedFile } from "../fetch-media.ts";
import type { Answer } from "../http.ts";
import { vonageError } from "./errors.ts";

/** What a channel takes beside text. */
const MMS_KINDS = ["image", "video", "audio", "vcard", "file"] as const;
const TAKEN: Record<(typeof MMS_KINDS)[number], RegExp> = {
  image: /^image\/(jpeg|jpg|png|gif)\b/,
  video: /^video\//,
  audio: /^audio\//,
  vcard: /./,
  file: /./,
};
const LONGEST_TEXT = 1000;

const Body = z.looseObject({
  channel: z.enum(["sms", "mms"]),
  message_type: z.string(),
  to: z.string(),
  from: z.string(),
  text: z.string().optional(),
  client_ref: z.string().optional(),
  webhook_url: z.url({ protocol: /^https?$/ }).optional(),
  webhook_version: z.enum(["v0.1", "v1"]).optional(),
});
const File = z.object({ url: z.url({ protocol: /^https?$/ }), caption: z.string().optional() });

export interface Send {
  channel: "sms" | "mms";
  to: string;
  from: string;
  /** The text, or the words beside the file. */
  text?: string | undefined;
  /** Those that are to be fetched. */
  files: WantedFile[];
  clientRef: string | undefined;
  webhookUrl: string | undefined;
}

/** @param numbers of the account, in any spelling */
export function checkSend(body: unknown, numbers: readonly string[]): { send: Send } | { refused: Answer } {
  const refused = (code: number, detail?: string) => ({ refused: vonageError(422, code, detail) });
  const checked = Body.safeParse(body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return refused(
      isThere(body, issue?.path ?? []) ? 1020 : 1010,
      `${issue?.path.join(".") || "body"}: ${issue?.message}`,
    );
  }
  const { channel, message_type: kind, to, from, text, client_ref: clientRef, webhook_url: webhookUrl } = checked.data;
  if (!/^[1-9]\d{6,14}$/.test(to)) return refused(1170);
  if (!numbers.some((number) => number.replace(/^\+/, "") === from)) return refused(1120);
  if (clientRef !== undefined && clientRef.length > 100) return refused(1450);
  const common = { channel, to, from, clientRef, webhookUrl };
  if (channel === "sms") {
    if (kind !== "text") return refused(1440);
    if (text === undefined || text === "") return refused(1010, "text: a message needs text");
    if (text.length > LONGEST_TEXT) return refused(1020, `text: at most ${LONGEST_TEXT} characters`);
    return { send: { ...common, text, files: [] } };
  }
  const mms = MMS_KINDS.find((one) => one === kind);
  if (!mms) return refused(1440);
  const file = File.safeParse(checked.data[mms]);
  if (!file.success) return refused(1020, `${mms}: a file needs an address`);
  const types = TAKEN[mms];
  return {
    send: { ...common, text: file.data.caption, files: [{ url: file.data.url, types, largestBytes: 1_000_000 }] },
  };
}

function isThere(body: unknown, path: readonly PropertyKey[]): boolean {
  const [name] = path;
  return typeof body === "object" && body !== null && name !== undefined && name in body;
}
