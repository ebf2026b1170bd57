/** Saying something in a conversation that is there. */
import * as z from "zod/mini";
import type { Saying, SayingFile } from "../../domain/telling.ts";
import { multipart, type Part } from "../../http/multipart.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { askAccount, refusalOf } from "./api.ts";
import { newest } from "./listing.ts";
import { sourceIdOf } from "./message.ts";
import { msOf } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const Written = z.object({ id: z.number() });
/** How far Chatwoot's clock may be behind the one by which something was said. */
const CLOCKS_APART_MS = 300_000;

/** @param conversation the id that people see */
export async function sayIn(conversation: string, saying: Saying, place: Here): Promise<TellOutcome> {
  if (place.isRepeated) {
    const found = await findSaid(conversation, saying, place);
    if (found) return found;
  }
  const path = `/conversations/${encodeURIComponent(conversation)}/messages`;
  const asked = await askAccount(place, { method: "POST", path, ...(await bodyOf(saying, place)) });
  if (!asked.isOk) return refusalOf(asked);
  const written = Written.safeParse(asked.json);
  if (!written.success) return { kind: "uncertain", detail: "a message without an id" };
  return { kind: "told", ids: [String(written.data.id)] };
}

/** What an earlier try has written; undefined where nothing is found. */
async function findSaid(conversation: string, { id, at }: Saying, place: Here): Promise<TellOutcome | undefined> {
  const marker = sourceIdOf(id);
  const listing = await newest(place, conversation, (messages) => {
    const oldest = msOf(messages[0]?.created_at);
    const isBefore = oldest !== undefined && oldest < at - CLOCKS_APART_MS;
    return isBefore || messages.some(({ source_id: source }) => source === marker);
  });
  if (listing.kind === "refused") return refusalOf(listing.asked);
  const said = listing.messages.find(({ source_id: source }) => source === marker);
  return said && { kind: "told", ids: [said.id] };
}

/** JSON, or parts where there are files; an API inbox sends an outgoing message nowhere but to its own webhook. */
async function bodyOf(saying: Saying, place: Here) {
  const { id, from, isPrivate, replyTo, at } = saying;
  const { parts, lines } = await filesOf(saying.files, place);
  const answered = Number(replyTo);
  const fields = {
    content: [wordsOf(saying), ...lines].filter((line) => line !== "").join("\n"),
    message_type: from === "customer" ? "incoming" : "outgoing",
    private: isPrivate || from === "recado",
    source_id: sourceIdOf(id),
    external_created_at: Math.floor(at / 1000),
    ...(Number.isSafeInteger(answered) && answered > 0 && { content_attributes: { in_reply_to: answered } }),
  };
  if (parts.length === 0) return { json: fields };
  const texts = Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => ({ name, value: typeof value === "object" ? JSON.stringify(value) : String(value) }));
  const { contentType, body } = multipart([...texts, ...parts]);
  return { body, headers: { "content-type": contentType } };
}

/** Beside what the business said elsewhere stands the user of the token: who it really was, the first line says. */
function wordsOf({ from, author, text }: Saying): string {
  return from === "business" && author ? `${author}:\n${text}` : text;
}

/** What is not there any more becomes a line of the text. */
async function filesOf(files: readonly SayingFile[], place: Here): Promise<{ parts: Part[]; lines: string[] }> {
  const parts: Part[] = [];
  const lines: string[] = [];
  for (const { id, fileName, contentType } of files) {
    const bytes = await place.files.read(id);
    if (bytes) parts.push({ name: "attachments[]", fileName, contentType, bytes });
    else lines.push(`⚠️ ${fileName} is not there any more.`);
  }
  return { parts, lines };
}
