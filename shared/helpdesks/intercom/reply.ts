/** What is said in a conversation that is there: a comment of the customer, or a note of the teammate who stands for us. */
import type { Saying, SayingFile } from "../../domain/telling.ts";
import { ofTicket } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { htmlBlock } from "../html-text.ts";
import { request } from "./api.ts";
import { isSameText } from "./body.ts";
import { Conversation, type Part, partsOf } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Which the desk fetches by their address; every other file is sent along. */
const PICTURES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
/** Who speaks for the customer in the desk's words. */
const CONTACTS = new Set(["user", "lead", "contact"]);
/** The clocks of whoever told the time of a message, and of the desk, which counts in seconds. */
const CLOCKS_MS = 3_000;
const NEWEST = 50;

/** One request. @param contact whose words they are; undefined for a note */
export async function reply(
  saying: Saying,
  { conversation, contact }: { conversation: string; contact: string | undefined },
  place: Place<Settings, Secrets>,
): Promise<TellOutcome> {
  const path = `/conversations/${encodeURIComponent(conversation)}`;
  if (place.isRepeated) {
    const looked = await request(place, "GET", `${path}?display_as=plaintext`);
    if (!looked.isOk) return ofTicket(looked);
    const earlier = Conversation.safeParse(looked.json).data;
    const part =
      earlier &&
      partsOf(earlier)
        .slice(-NEWEST)
        .findLast((one) => isSame(one, saying));
    if (part) return { kind: "told", ids: [part.id] };
  }
  const by =
    contact === undefined
      ? {
          message_type: "note",
          type: "admin",
          admin_id: place.desk.settings.adminId,
          body: htmlBlock(wordsOf(saying), "p"),
        }
      : { message_type: "comment", type: "user", intercom_user_id: contact, body: wordsOf(saying) };
  const pictures = await pictureUrls(saying.files, place);
  const files = await otherFiles(saying.files, place);
  const asked = await request(place, "POST", `${path}/reply`, {
    ...by,
    ...(pictures.length > 0 && { attachment_urls: pictures }),
    ...(files.length > 0 && { attachment_files: files }),
  });
  if (!asked.isOk) return ofTicket(asked);
  const answer = Conversation.safeParse(asked.json).data;
  const part = answer && partsOf(answer).findLast((one) => isByWriterOf(one, saying));
  return { kind: "told", ids: part ? [part.id] : [] };
}

/** Never empty: a body must be there, so that files alone are said by their names. */
export function wordsOf({ text, files, from, author }: Saying): string {
  const words = text.trim() === "" ? files.map(({ fileName }) => fileName).join("\n") : text;
  return from === "business" ? `${author ?? "The business"}: ${words}` : words || "…";
}

export function isPicture({ contentType }: SayingFile): boolean {
  return PICTURES.has(contentType.split(";")[0]?.trim().toLowerCase() ?? "");
}

/** Addresses of the pictures among the files. */
export function pictureUrls(files: readonly SayingFile[], { files: bucket }: Place): Promise<string[]> {
  return Promise.all(files.filter(isPicture).map((file) => bucket.link(file)));
}

/** What is no picture, in base64; without what is not in the bucket any more. */
async function otherFiles(files: readonly SayingFile[], { files: bucket }: Place) {
  const read = files
    .filter((file) => !isPicture(file))
    .map(async ({ id, contentType, fileName }) => {
      const bytes = await bucket.read(id);
      if (!bytes) return [];
      return [{ content_type: contentType, name: fileName, data: Buffer.from(bytes).toString("base64") }];
    });
  return (await Promise.all(read)).flat();
}

/** The desk has no place for an id of ours: the same words and files by the same side, since they were said. */
function isSame(part: Part, saying: Saying): boolean {
  const { created_at: seconds, attachments } = part;
  const isRecent = typeof seconds === "number" && (seconds + 1) * 1000 >= saying.at - CLOCKS_MS;
  const sizes = attachments?.map(({ filesize }) => filesize ?? undefined) ?? [];
  const isOtherFile = saying.files.some(({ size }, at) => sizes[at] !== undefined && !sizes.includes(size));
  return isRecent && !isOtherFile && isByWriterOf(part, saying) && isSameText(part.body ?? "", wordsOf(saying));
}

function isByWriterOf({ author, part_type: type }: Part, { from }: Saying): boolean {
  if (from === "customer") return CONTACTS.has(author?.type ?? "");
  return author?.type === "admin" && type?.startsWith("note") === true;
}
